/** What stands between the braces: `trial.endsAt | weekday`, read only as far as checks and scopes need it. */

export interface Expression {
  /** `trial.endsAt` */
  readonly name: string
  readonly filters: readonly string[]
}

/** What words may do with a variable; templates can do more. */
export const wordFilters = [
  'date_long',
  'date_short',
  'date_time',
  'weekday',
  'days_left',
  'days_until',
  'number',
  'plural',
  'list',
  'quantity',
  'phrase',
  'upfirst',
  'shorten',
  'default',
  'downcase',
  'upcase',
] as const

/** An Arabic plural has six forms. */
const longest = 800
const namePattern = /^[a-z][A-Za-z0-9_]*(\.[A-Za-z0-9_-]+)*$/

/** Cuts at `|`, but not inside quotes. */
function pieces(source: string): string[] {
  const found: string[] = []
  let quote = ''
  let piece = ''
  for (const char of source) {
    if (quote !== '') quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (char === '|') {
      found.push(piece)
      piece = ''
      continue
    }
    piece += char
  }
  return [...found, piece].map((text) => text.trim())
}

/** @returns null when it is more than a name and filters, a range for example. */
export function parseExpression(source: string): Expression | null {
  if (source.length > longest || source.includes('..')) return null
  const [name = '', ...filters] = pieces(source)
  const names = filters.map((filter) => /^[a-z_]+/.exec(filter)?.[0] ?? '')
  return namePattern.test(name) && names.every((filter) => filter !== '') ? { name, filters: names } : null
}
