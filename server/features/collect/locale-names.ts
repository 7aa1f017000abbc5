/** Verdicts are remembered: building an Intl object costs some 20 µs, and few names are in use. */
function remembered(check: (name: string) => boolean, maxNames = 1000): (name: string) => boolean {
  const verdicts = new Map<string, boolean>()
  return (name) => {
    const known = verdicts.get(name)
    if (known !== undefined) return known
    if (verdicts.size >= maxNames) verdicts.clear()
    const verdict = check(name)
    verdicts.set(name, verdict)
    return verdict
  }
}

const passes = (construct: () => unknown): boolean => {
  try {
    construct()
    return true
  } catch {
    return false
  }
}

/** An IANA zone; offsets such as `+02:00`, which Intl takes too, know no daylight saving and are refused. */
export const isTimeZone = remembered(
  (name) =>
    /^[A-Za-z]/.test(name) &&
    name.length <= 64 &&
    passes(() => new Intl.DateTimeFormat('en', { timeZone: name })),
)

/** A BCP 47 language tag. */
export const isLocale = remembered(
  (name) => name.length <= 35 && passes(() => Intl.getCanonicalLocales(name)),
)
