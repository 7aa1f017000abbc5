const format = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
  timeZoneName: 'short',
})

/** “22 September 2026 at 12:00 UTC”: in what the team is told about a billing system’s dates. */
export const dateWords = (at: number): string => format.format(at)
