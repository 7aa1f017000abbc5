/**
 * Public key that fixes the id of an unpacked or self-built extension, so that the server knows its redirect address.
 * The id is the first 32 hex digits of the key's SHA-256, 0-f written as a-p.
 * @public read by extension/rollup.mjs
 */
export const extensionKey =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAismf2Udt/Vy4jw1h6N9V4AGxS88yLP9zVOuvwJa0gA91aTjMk43AtplAA69/Y+/4GDbXYqtWaPcKDzejfBPwLgXBcBUPTc+Y/KlXsbXiO2TUOkgzRd6vMQtGZf/lEsIyS/BWfs7DEhKx5d0zUKK6bQ22ObNlP/xqKGqTktrGhfiUV+26+hQcGlHuEDVX0sYqAkaVzASlmplbBmaotU7o9bLlSSAUxfLmXWaxP2q8FNOxi0FCA4A6+8uzbeuAXyyBJEVrP1Dy7rDL62vIvik38SJVfpWFCSJzrmE4vik2Y6uhjTRBrS/QfS0WTs2G/Oi3xK0bEyYioYHwbAPdDzLO/QIDAQAB'

export const extensionId = 'doeehcoopbjacohnmgoaidcfbljffbje'

/** Raised when a change breaks older extensions; the server names the lowest it still serves. */
export const extensionProtocol = 1
