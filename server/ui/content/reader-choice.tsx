import { useState } from 'preact/hooks'
import { segmentLabels } from '../../../shared/labels.ts'
import { type Segment, segments } from '../../../shared/trial.ts'
import { PersonDialog } from '../emails/choices.tsx'
import { languageName, situationName } from '../emails/words.ts'
import type { Reader } from './types.ts'

const situations = [
  'normal',
  'zero',
  'one',
  'huge',
  'long_name',
  'rtl',
  'missing_name',
  'hostile_name',
] as const

/** Whose eyes to look through: a sample of a segment or a real trialist, in any of the email’s languages. */
export function ReaderChoice({
  reader,
  locales,
  change,
}: {
  reader: Reader
  locales: readonly string[]
  change: (reader: Reader) => void
}) {
  const [asking, setAsking] = useState(false)
  const { person, locale } = reader
  const userId = 'userId' in person ? person.userId : undefined
  const sample = 'segment' in person ? person : undefined
  return (
    <div class="row start reader">
      <label>
        <span>As</span>
        <select
          value={userId === undefined ? sample?.segment : 'person'}
          onChange={({ currentTarget: { value } }) =>
            value === 'person' || value === 'other'
              ? setAsking(true)
              : change({ locale, person: { ...sample, segment: value as Segment } })
          }
        >
          {segments.map((segment) => (
            <option key={segment} value={segment}>
              Sample: {segmentLabels[segment].toLowerCase()}
            </option>
          ))}
          {userId !== undefined && <option value="person">{userId}</option>}
          <option value="other">A trialist …</option>
        </select>
      </label>
      {sample && (
        <label>
          <span>Situation</span>
          <select
            value={sample.fixture ?? 'normal'}
            onChange={({ currentTarget: { value } }) => {
              const fixture = value as (typeof situations)[number]
              const { segment } = sample
              change({ locale, person: fixture === 'normal' ? { segment } : { segment, fixture } })
            }}
          >
            {situations.map((one) => (
              <option key={one} value={one}>
                {situationName(one)}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        <span>In</span>
        <select
          value={locale ?? ''}
          onChange={({ currentTarget: { value } }) => change({ person, locale: value || undefined })}
        >
          <option value="">Their language</option>
          {locales.map((one) => (
            <option key={one} value={one}>
              {languageName(one)}
            </option>
          ))}
        </select>
      </label>
      {asking && (
        <PersonDialog
          onClose={() => setAsking(false)}
          onChoose={(chosen) => {
            setAsking(false)
            change({ locale, person: { userId: chosen } })
          }}
        />
      )}
    </div>
  )
}
