import fc from 'fast-check'

/** A run that must be repeatable names its seed; any other explores. A failure prints the seed that finds it again. */
const seed = Number(process.env.PROPERTY_SEED)
if (seed) fc.configureGlobal({ seed })
