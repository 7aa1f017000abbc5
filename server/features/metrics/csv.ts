export type Cell = string | number | null

/** Spreadsheets take text that begins like this for a formula (OWASP, CSV injection): an apostrophe makes it text. */
const formulaStart = /^[=+\-@\t\r]/

/** RFC 4180; numbers stay numbers, text can be no formula. */
function csvCell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = formulaStart.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export const csvOf = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')

export const csvHeaders = (fileName: string) => ({
  'Content-Type': 'text/csv; charset=utf-8',
  'Content-Disposition': `attachment; filename="${fileName}.csv"`,
})
