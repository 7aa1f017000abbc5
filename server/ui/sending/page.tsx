import { useState } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { kindLabels } from '../../../shared/labels.ts'
import type { SendingMode } from '../../../shared/sending.ts'
import { Options } from '../settings/options.tsx'
import { call, isAdmin, type Session } from '../shared/api.ts'
import { Submit } from '../shared/form-parts.tsx'
import { useAction, useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section } from '../shared/parts.tsx'
import { announceSending, type Sending } from './bar.tsx'

/** What is missing before the first email, who would get one now, and where emails go. */
export function SendingPage({ session }: { session: Session }) {
  const sending = useApi('GET /api/workspace/sending')
  const set = (next: Sending) => {
    sending.set(next)
    announceSending()
  }
  return (
    <>
      <h1>{sending.data?.releasedAt === null ? 'Before the first email' : 'Sending'}</h1>
      {sending.state === 'failed' && <ErrorNote error={sending.error} retry={sending.reload} />}
      {!sending.data && sending.state === 'loading' && <Loading what="the state" />}
      {sending.data && (
        <>
          {sending.data.releasedAt === null && <Release sending={sending.data} session={session} set={set} />}
          <Section title="Where emails go">
            {isAdmin(session) ? (
              <Mode key={sending.data.mode} sending={sending.data} set={set} />
            ) : (
              <p>{modes.find(({ value }) => value === sending.data?.mode)?.label}</p>
            )}
          </Section>
        </>
      )}
    </>
  )
}

function Release({
  sending,
  session,
  set,
}: {
  sending: Sending
  session: Session
  set: (next: Sending) => void
}) {
  const { busy, error, run } = useAction()
  const isComplete = sending.gaps.every(({ needed }) => !needed)
  const release = (event: SubmitEvent) => {
    event.preventDefault()
    const anyway = new FormData(event.currentTarget as HTMLFormElement).has('anyway')
    void run(async () => set(await call('POST /api/workspace/release', { body: { anyway } })))
  }
  return (
    <>
      <Section title="What is missing">
        <Gaps sending={sending} />
      </Section>
      <Section title="Who would get an email now">
        <Preview />
        {isAdmin(session) && (
          <form onSubmit={release}>
            {!isComplete && (
              <label class="option">
                <input type="checkbox" name="anyway" required />
                <span>Release it although something is missing</span>
              </label>
            )}
            <Submit busy={busy} error={error} doing="Releasing …">
              Release: send emails to people
            </Submit>
          </form>
        )}
      </Section>
    </>
  )
}

function Gaps({ sending: { gaps } }: { sending: Sending }) {
  if (gaps.length === 0) return <p>Nothing. The first email will be complete.</p>
  return (
    <ul class="gaps">
      {gaps.map(({ gap, needed, detail, fix }) => (
        <li key={gap} data-gap={gap}>
          <span class={`mark ${needed ? 'mark-bad' : 'mark-warn'}`} aria-hidden="true">
            {needed ? '✗' : '!'}
          </span>
          <span>
            <strong>{detail}</strong>
            <small>
              {needed ? '' : 'Not needed. '}
              {fix}
            </small>
          </span>
        </li>
      ))}
    </ul>
  )
}

function Preview() {
  const preview = useApi('GET /api/workspace/release')
  if (preview.state === 'failed') return <ErrorNote error={preview.error} retry={preview.reload} />
  if (!preview.data) return <Loading what="the preview" />
  const { people, kinds, late, complete } = preview.data
  return (
    <>
      <p class="preview-count">
        {!complete && 'At least '}
        <b>{people}</b> {people === 1 ? 'person' : 'people'} would get an email now.
      </p>
      <Kinds kinds={kinds} />
      {late > 0 && (
        <p class="quiet">
          {late} {late === 1 ? 'email has' : 'emails have'} waited too long to be useful; they are dropped,
          and each trialist’s page says so.
        </p>
      )}
    </>
  )
}

function Kinds({ kinds }: Pick<AnswerOf<'GET /api/workspace/release'>, 'kinds'>) {
  const rows = Object.entries(kinds)
  if (rows.length === 0) return <p class="quiet">What falls due later follows from the playbook.</p>
  return (
    <ul class="kinds">
      {rows.map(([kind, count]) => (
        <li key={kind}>
          {kindLabels[kind as keyof typeof kindLabels]} <b>{count}</b>
        </li>
      ))}
    </ul>
  )
}

const modes: readonly { value: SendingMode; label: string; meaning: string }[] = [
  { value: 'normal', label: 'To people', meaning: 'Each email goes to the person it is about.' },
  {
    value: 'test',
    label: 'All to a test address',
    meaning: 'Everything happens as usual, but every email goes to one address of yours.',
  },
  {
    value: 'never',
    label: 'Nowhere',
    meaning:
      'For a copy or a staging server. What falls due waits, and is dropped once it is of no more use.',
  },
]

function Mode({ sending, set }: { sending: Sending; set: (next: Sending) => void }) {
  const { busy, error, run } = useAction()
  const [chosen, setChosen] = useState<string>(sending.mode)
  const save = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const mode = String(form.get('mode')) as SendingMode
    const testAddress = String(form.get('testAddress') ?? '').trim()
    const body = { mode, ...(mode === 'test' && { testAddress }) }
    void run(async () => set(await call('PUT /api/workspace/sending', { body })))
  }
  const choose = ({ target }: Event) => {
    if (target instanceof HTMLInputElement && target.name === 'mode') setChosen(target.value)
  }
  return (
    <form onSubmit={save} onChange={choose}>
      <Options name="mode" legend="Emails go" options={modes} chosen={sending.mode} />
      {chosen === 'test' && (
        <label class="narrow">
          Test address
          <input
            name="testAddress"
            type="email"
            required
            maxLength={254}
            defaultValue={sending.testAddress ?? ''}
          />
        </label>
      )}
      <Submit busy={busy} error={error} doing="Saving …">
        Save
      </Submit>
    </form>
  )
}
