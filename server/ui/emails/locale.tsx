import { languageName } from './words.ts'

export function LocaleSelect({
  locales,
  locale,
  onChange,
}: {
  locales: readonly string[]
  locale: string | undefined
  onChange: (locale: string | undefined) => void
}) {
  return (
    <label>
      Language
      <select value={locale ?? ''} onChange={(event) => onChange(event.currentTarget.value || undefined)}>
        <option value="">Default</option>
        {locales.map((each) => (
          <option key={each} value={each}>
            {languageName(each)}
          </option>
        ))}
      </select>
    </label>
  )
}
