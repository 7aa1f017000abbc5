import { useRef } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { serverNow } from '../shared/api.ts'
import { CopyButton } from '../shared/copy.tsx'
import { useApi } from '../shared/hooks.ts'
import { Empty, ErrorNote, Loading, Section, TableHead, When } from '../shared/parts.tsx'
import { sentence } from '../shared/words.ts'

type State = 'ok' | 'warning' | 'wrong' | 'unknown'

type DnsRecord = AnswerOf<'GET /api/deliverability'>['records'][number]

const states: Record<State, { mark: string; word: string }> = {
  ok: { mark: '✓', word: 'OK' },
  warning: { mark: '!', word: 'Warning' },
  wrong: { mark: '✗', word: 'Problem' },
  unknown: { mark: '?', word: 'Unknown' },
}

/** Like {@link sentence}, but a name or a tag stays as it must be written. */
const plainSentence = (text: string): string => (/^[a-z]+[ ,:]/.test(text) ? sentence(text) : `${text}.`)

/** What to do; a record that stands beside it need not be spelled out. */
function fixText({ fix, name, type, value }: DnsRecord): string | null {
  return fix === `Publish ${name} ${type} ${value}` ? `Publish the ${type} record as shown.` : fix
}

export function DnsRecords() {
  const report = useApi('GET /api/deliverability')
  const { data } = report
  const busy = report.state === 'loading'
  return (
    <Section title="DNS records">
      {report.state === 'failed' && <ErrorNote error={report.error} retry={report.reload} />}
      {!data && busy && <Loading what="the DNS records" />}
      {data && data.records.length === 0 && (
        <Empty title="No sender address yet">
          <p>
            Set <code>MAIL_FROM</code> and <code>SMTP_URL</code>. The DNS records your emails need then show
            up here, checked.
          </p>
        </Empty>
      )}
      {data && data.records.length > 0 && (
        <>
          <div class="row start delivery-head">
            <p class="grow">
              What mailbox providers check before they accept email from <strong>{data.from}</strong>.
            </p>
            <button type="button" disabled={busy} onClick={report.reload}>
              Check again
            </button>
          </div>
          <Verdict records={data.records} />
          <RecordTable records={data.records} busy={busy} />
          {data.checkedAt && (
            <p class="quiet" role="status">
              {busy ? (
                'Checking …'
              ) : (
                <>
                  Checked <When at={data.checkedAt} now={serverNow()} />, at most once a minute. A new record
                  can take an hour to reach every server.
                </>
              )}
            </p>
          )}
        </>
      )}
    </Section>
  )
}

/** What to do first: the records come in the order of their weight. */
function Verdict({ records }: { records: readonly DnsRecord[] }) {
  const first =
    records.find(({ state }) => state === 'wrong') ?? records.find(({ state }) => state === 'warning')
  if (first)
    return (
      <div class={`note ${first.state === 'wrong' ? 'note-error' : 'note-warn'}`}>
        <p>
          <strong>Start here: {first.purpose}.</strong> {plainSentence(first.detail)}
        </p>
        {first.fix && <p>{fixText(first)}</p>}
      </div>
    )
  if (records.some(({ state }) => state === 'unknown'))
    return <p class="note">No problem found, but not every record could be checked from this server.</p>
  return <p class="note delivery-good">Every record is correct.</p>
}

function RecordTable({ records, busy }: { records: readonly DnsRecord[]; busy: boolean }) {
  return (
    <table class="list delivery-records" aria-busy={busy}>
      <TableHead titles={['Status', 'Purpose', 'Record']} />
      <tbody>
        {records.map((record) => (
          <RecordRow key={record.id} record={record} />
        ))}
      </tbody>
    </table>
  )
}

function RecordRow({ record }: { record: DnsRecord }) {
  const { state, purpose, required, detail, found, type, name, value } = record
  const fix = fixText(record)
  const { mark, word } = states[state]
  return (
    <tr data-record={record.id}>
      <td>
        <span class={`state state-${state}`}>
          <span class="mark" aria-hidden="true">
            {mark}
          </span>
          {word}
        </span>
      </td>
      <th scope="row">
        {purpose}
        {!required && <small>Optional</small>}
        <p class="delivery-detail">{plainSentence(detail)}</p>
        {fix && <p class="delivery-detail">{fix}</p>}
      </th>
      <td class="delivery-record">
        <dl>
          <dt>{type}</dt>
          <dd>
            <CopyCode what={`name of ${name}`} text={name} />
          </dd>
          {value !== null && (
            <>
              <dt>Value</dt>
              <dd>
                <CopyCode what={`value for ${name}`} text={value} />
              </dd>
            </>
          )}
        </dl>
        {found.length > 0 && (
          <details>
            <summary>Current value</summary>
            {found.map((text) => (
              <code key={text} class="delivery-found">
                {text}
              </code>
            ))}
          </details>
        )}
      </td>
    </tr>
  )
}

/** A value that is copied whole, also where only its beginning is shown. */
function CopyCode({ what, text }: { what: string; text: string }) {
  const code = useRef<HTMLElement>(null)
  const select = () => {
    if (code.current) getSelection()?.selectAllChildren(code.current)
  }
  return (
    <span class="copy-code">
      <code ref={code}>{text}</code>
      <CopyButton what={what} text={text} select={select} plain />
    </span>
  )
}
