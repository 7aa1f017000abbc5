/** Letters first: Intl also takes `+01:00`, which is no zone anyone lives in. */
const zoneName = /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/

/** Formats in that zone, for anyone who keeps formats; null when the runtime knows no zone of this name. */
export function formatIn(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat | null {
  if (!zoneName.test(timeZone)) return null
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone })
  } catch {
    return null
  }
}

/** Making a format to see whether a name is known takes a tenth of a millisecond. Of the 600 names, with all their capitals. */
const known = new Map<string, boolean>()
const mostKnown = 2000

/** Whether the name is an IANA zone this runtime knows, in any mix of capitals. */
export function isTimeZone(name: string): boolean {
  if (!zoneName.test(name)) return false
  let isKnown = known.get(name)
  if (isKnown === undefined) {
    isKnown = formatIn(name, {}) !== null
    if (known.size >= mostKnown) known.clear()
    known.set(name, isKnown)
  }
  return isKnown
}
