import { parseLocale } from './locale.ts'

/**
 * Scripts written from right to left (Unicode). Not `Intl.Locale.textInfo`: it answers by the locales a runtime has
 * data for, so Node 20 calls `dv`, `ku-Arab` and `az-Arab` left-to-right. The script of a tag is known everywhere.
 */
const rightToLeft: ReadonlySet<string> = new Set(
  'Adlm Arab Aran Armi Hebr Mand Mend Nkoo Rohg Samr Syrc Syre Syrj Syrn Thaa Yezi'.split(' '),
)

/** How text in this language runs; left to right where the name is no language. */
export function directionOf(locale: string): 'ltr' | 'rtl' {
  const tag = parseLocale(locale)
  const script = tag === null ? undefined : new Intl.Locale(tag).maximize().script
  return script !== undefined && rightToLeft.has(script) ? 'rtl' : 'ltr'
}
