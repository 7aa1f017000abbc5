/** Scripts that POSIX names by a modifier: `sr_RS@latin`. */
const scriptOfModifier: Readonly<Record<string, string>> = {
  latin: 'Latn',
  cyrillic: 'Cyrl',
  devanagari: 'Deva',
}
/** What programs write when they know of no language. */
const noLanguage: ReadonlySet<string> = new Set(['c', 'posix', 'root', 'und', '*', ''])
const longest = 100

/**
 * A language as programs name it: a BCP 47 tag, a POSIX name (`pt_BR.UTF-8`, `sr_RS@latin`), upper case, or the first
 * entry of an Accept-Language header.
 * @returns the canonical tag without extensions (`pt-BR`); null when it names no language.
 */
export function parseLocale(input: unknown): string | null {
  if (typeof input !== 'string' || input.length > longest) return null
  const [first = ''] = input.split(/[,;]/, 1)
  const [name = '', modifier = ''] = first.trim().split('@', 2)
  const [plain = ''] = name.split('.', 1)
  const tag = plain.replaceAll('_', '-').replace(/-$/, '')
  if (noLanguage.has(tag.toLowerCase())) return null
  try {
    const script = scriptOfModifier[modifier.toLowerCase()]
    const locale = new Intl.Locale(tag, script ? { script } : {})
    return locale.language === 'und' || locale.language === '' ? null : locale.baseName
  } catch {
    return null
  }
}
