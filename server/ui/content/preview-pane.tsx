import { useState } from 'preact/hooks'
import type { MailLook } from '../emails/address.ts'
import { countsText, FindingLine } from '../emails/findings.tsx'
import { LookTools } from '../emails/frame.tsx'
import { languageName } from '../emails/words.ts'
import { ErrorNote, Loading } from '../shared/parts.tsx'
import { LiveFrame } from './live-frame.tsx'
import { ReaderChoice } from './reader-choice.tsx'
import type { ContentFinding, Preview, Reader } from './types.ts'
import type { LivePreview } from './use-preview.ts'
import { fieldName } from './words.ts'

/** The email as someone would read it, while it is written. */
export function PreviewPane({
  live,
  reader,
  locales,
  change,
  show,
}: {
  live: LivePreview
  reader: Reader
  locales: readonly string[]
  change: (reader: Reader) => void
  /** Opens the block that a finding concerns. */
  show: (block: string | null) => void
}) {
  const [look, setLook] = useState<MailLook>({ scheme: 'light', width: 600, part: 'html' })
  const { preview, error, faults, isBehind } = live
  return (
    <section class="preview-pane" aria-label="Preview">
      <ReaderChoice reader={reader} locales={locales} change={change} />
      <LookTools look={look} onChange={setLook} />
      {error && faults.length === 0 && <ErrorNote error={error} />}
      {!preview && !error && <Loading what="the preview" />}
      {preview && (
        <div class={`mail-stage mail-stage-${look.width}`} aria-busy={isBehind}>
          <p class="mail-line" dir="auto">
            <strong>{preview.subject}</strong>
            <small>{preview.preheader}</small>
          </p>
          <Notes preview={preview} />
          {preview.notSent === null && look.part === 'html' && (
            <LiveFrame html={preview.html} title="The email as it is read" look={look} />
          )}
          {preview.notSent === null && look.part === 'text' && (
            <pre class="mail-text" dir="auto">
              {preview.text}
            </pre>
          )}
        </div>
      )}
      {preview && <FindingList findings={preview.findings} show={show} />}
    </section>
  )
}

/** Where this person gets something else than one might think. */
function Notes({ preview: { notSent, wished, locale } }: { preview: Preview }) {
  return (
    <>
      {notSent !== null && <p class="note">This person would not get this email: {notSent}</p>}
      {wished !== locale && (
        <p class="note">
          Written in {languageName(locale)}: the words in {languageName(wished)} are not complete.
        </p>
      )}
    </>
  )
}

function FindingList({
  findings,
  show,
}: {
  findings: readonly ContentFinding[]
  show: (block: string | null) => void
}) {
  return (
    <details class="card finding-list" open={findings.some(({ level }) => level === 'error')}>
      <summary>
        Checks: <span role="status">{countsText(findings).toLowerCase()}</span>
      </summary>
      <ul class="findings">
        {findings.map((finding) => (
          <li key={`${finding.check} ${finding.block} ${finding.field} ${finding.locale} ${finding.detail}`}>
            <FindingLine finding={finding}>
              {(finding.block !== null || finding.field !== null) && (
                <button type="button" class="plain" onClick={() => show(finding.block)}>
                  Go to {placeOf(finding)}
                </button>
              )}
            </FindingLine>
          </li>
        ))}
      </ul>
    </details>
  )
}

const placeOf = ({ block, field, locale }: ContentFinding): string =>
  [block ?? (field ? fieldName(field).toLowerCase() : ''), locale && languageName(locale)]
    .filter(Boolean)
    .join(', ')
