/** Scripts that POSIX names by a modifier: `sr_RS@latin`. */
const scriptOfModifier: ReadonlyMap<string, string> = new Map([
  ['latin', 'Latn'],
  ['cyrillic', 'Cyrl'],
  ['devanagari', 'Deva'],
])
/** What programs write when they know of no language. */
const noLanguage: ReadonlySet<string> = new Set(['c', 'posix', 'root', 'und', '*', ''])
const longest = 100

/** What people and CRMs choose from, in English and in the language itself. */
const languageNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ar: 'arabic|العربية',
    cs: 'czech|čeština',
    da: 'danish|dansk',
    de: 'german|deutsch',
    el: 'greek|ελληνικά',
    en: 'english',
    es: 'spanish|español|castellano',
    fi: 'finnish|suomi',
    fr: 'french|français',
    he: 'hebrew|עברית',
    hu: 'hungarian|magyar',
    id: 'indonesian|bahasa indonesia',
    it: 'italian|italiano',
    ja: 'japanese|日本語',
    ko: 'korean|한국어',
    nb: 'norwegian|norsk',
    nl: 'dutch|nederlands',
    pl: 'polish|polski',
    pt: 'portuguese|português',
    'pt-BR': 'portuguese (brazil)|brazilian portuguese|português (brasil)',
    ro: 'romanian|română',
    ru: 'russian|русский',
    sv: 'swedish|svenska',
    th: 'thai|ไทย',
    tr: 'turkish|türkçe',
    uk: 'ukrainian|українська',
    vi: 'vietnamese|tiếng việt',
    'zh-CN': 'chinese|中文|chinese (simplified)|简体中文',
    'zh-TW': 'chinese (traditional)|繁體中文',
  }).flatMap(([tag, names]) => names.split('|').map((name): [string, string] => [name, tag])),
)

/**
 * A language as programs name it: a BCP 47 tag, a POSIX name (`pt_BR.UTF-8`, `sr_RS@latin`), upper case, the first
 * entry of an Accept-Language header, or the name of a common language.
 * @returns the canonical tag without extensions (`pt-BR`); null when it names no language.
 */
export function parseLocale(input: unknown): string | null {
  if (typeof input !== 'string' || input.length > longest) return null
  const named = languageNames.get(input.trim().normalize('NFC').toLowerCase())
  if (named) return named
  const [first = ''] = input.split(/[,;]/, 1)
  const [name = '', modifier = ''] = first.trim().split('@', 2)
  const [plain = ''] = name.split('.', 1)
  const tag = plain.replaceAll('_', '-').replace(/-$/, '')
  if (noLanguage.has(tag.toLowerCase())) return null
  try {
    const script = scriptOfModifier.get(modifier.toLowerCase())
    const locale = new Intl.Locale(tag, script ? { script } : {})
    // No language has a longer code; words have.
    return locale.language === 'und' || !/^[a-z]{2,3}$/.test(locale.language) ? null : locale.baseName
  } catch {
    return null
  }
}
