import { headFields, type TextField } from '../../../shared/content/blocks.ts'
import { setWords } from '../../../shared/content/edit.ts'
import type { EmailContent } from '../../../shared/playbook/content.ts'
import type { ContentFinding, Preview, Variable } from './types.ts'
import { fieldName } from './words.ts'
import { WordsField } from './words-field.tsx'

/** What a phone’s list of emails shows of a subject, and of the words behind it. */
const subjectColumns = 45
const preheaderColumns = 90

/** Subjects, preheader, and how a list of emails shows them. */
export function HeadInspector({
  content,
  preview,
  variant,
  variables,
  findings,
  chooseVariant,
  change,
}: {
  content: EmailContent
  preview: Preview | null
  variant: number
  variables: readonly Variable[]
  findings: readonly ContentFinding[]
  /** Shows another subject in the preview. */
  chooseVariant: (variant: number) => void
  change: (content: EmailContent, step?: string) => void
}) {
  const { source } = content
  const texts = content.texts[source] ?? {}
  const isShown = ({ name, required }: TextField) => required || texts[name] !== undefined
  const shown = headFields.filter(isShown)
  const next = headFields.find((field) => !isShown(field))
  const variantOf = (name: string): number => ['subject', 'subject_2', 'subject_3'].indexOf(name)
  return (
    <section class="card inspector" aria-labelledby="inspector-title">
      <h2 id="inspector-title" tabIndex={-1}>
        Subject and preheader
      </h2>
      <p class="quiet">What people see before they open it. Several subjects are tried against each other.</p>
      {preview && <InboxRow preview={preview} />}
      {shown.map((field) => (
        <div
          key={field.name}
          onFocusCapture={() => variantOf(field.name) >= 0 && chooseVariant(variantOf(field.name))}
        >
          <WordsField
            label={fieldName(field.name)}
            field={field}
            said={texts[field.name]}
            locale={source}
            variables={variables}
            findings={findings.filter(
              (one) => one.block === null && one.field === field.name && (one.locale ?? source) === source,
            )}
            change={(said) => change(setWords(content, source, field.name, said), field.name)}
          />
          {!field.required && (
            <button
              type="button"
              class="plain"
              onClick={() => {
                chooseVariant(0)
                change(withoutSubject(content, field.name))
              }}
            >
              Remove the {fieldName(field.name).toLowerCase()}
            </button>
          )}
        </div>
      ))}
      {next && (
        <button
          type="button"
          onClick={() => {
            chooseVariant(Math.min(2, variant + 1))
            change(setWords(content, source, next.name, { text: '' }))
          }}
        >
          Add a subject to try against it
        </button>
      )}
      <label class="member">
        <span>Looks</span>
        <select
          value={content.layout}
          onChange={({ currentTarget: { value } }) =>
            change({ ...content, layout: value as EmailContent['layout'] })
          }
        >
          <option value="designed">like the product: a card with the logo</option>
          <option value="personal">personal: as if typed by a person</option>
        </select>
      </label>
    </section>
  )
}

/** Goes in every language. */
const withoutSubject = (content: EmailContent, name: string): EmailContent =>
  Object.keys(content.texts).reduce((next, locale) => setWords(next, locale, name, null), content)

function InboxRow({ preview: { subject, preheader } }: { preview: Preview }) {
  const [columns, behind] = [[...subject].length, [...preheader].length]
  return (
    <div class="inbox-row" dir="auto">
      <p>
        <strong>{subject || 'No subject'}</strong> <span class="quiet">{preheader}</span>
      </p>
      <small dir="ltr">
        Subject {columns} characters{columns > subjectColumns && `, a phone shows about ${subjectColumns}`}
        {' · '}preheader {behind}
        {behind > preheaderColumns && `, about ${preheaderColumns} are shown`}
      </small>
    </div>
  )
}
