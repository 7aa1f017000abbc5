/**
 * The BCP 47 tag behind what pages and browsers write (in a tenth of the server’s `parseLocale`): `de_DE` is `de-DE`, `en-US@posix` and `en_US.UTF-8`
 * are `en-US`.
 * @throws RangeError when it names no language.
 */
export const localeTag = (text: string): string =>
  Intl.getCanonicalLocales(text.replace(/[.@].*/, '').replace(/_/g, '-'))[0] as string
