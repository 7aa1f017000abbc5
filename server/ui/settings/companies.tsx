import { useEffect, useState } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { call } from '../shared/api.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section, TableHead } from '../shared/parts.tsx'

type State = AnswerOf<'GET /api/company-switch'>
type Preview = AnswerOf<'POST /api/company-switch/preview'>

const lookEveryMs = 500

const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`

const isRunning = ({ last }: State): boolean =>
  last?.job?.state === 'queued' || last?.job?.state === 'running'

/** Whose trials they are: of persons, or of companies; what a switch would come to, the switch, and the way back. */
export function CompaniesSection() {
  const state = useApi('GET /api/company-switch')
  const { data, reload } = state
  const running = data !== null && isRunning(data)
  useEffect(() => {
    if (!running || state.state !== 'ready') return
    const timer = setTimeout(reload, lookEveryMs)
    return () => clearTimeout(timer)
  }, [running, state.state, data, reload])
  return (
    <Section title="Companies">
      {state.state === 'failed' && <ErrorNote error={state.error} retry={reload} />}
      {!data ? <Loading what="companies" /> : <Body state={data} onChange={state.set} />}
    </Section>
  )
}

function Body({ state, onChange }: { state: State; onChange: (state: State) => void }) {
  const { of, last } = state
  const isHalf = last?.state === 'switching' || last?.state === 'undoing'
  return (
    <>
      <p>
        {of === 'company'
          ? 'Everyone of a company shares one trial: one end, and each email to the right person once. People without a company have a trial of their own.'
          : 'Each person has a trial of their own. If a whole team tries your product together, let everyone of a company share one.'}
      </p>
      {last && isRunning(state) && (
        <p role="status">
          {last.state === 'undoing' ? 'Giving each their own trial' : 'Moving people into their companies'}:{' '}
          <progress value={last.job?.done ?? 0} max={Math.max(1, last.job?.total ?? 1)} aria-label="Trials" />
        </p>
      )}
      {last?.state === 'done' && of === 'company' && (
        <p class="note note-good">
          {count(last.people, 'person', 'people')} became {count(last.companies, 'company', 'companies')}.
        </p>
      )}
      {isHalf && !isRunning(state) && <p class="note">It was broken off. Start it again and it goes on.</p>}
      {(of === 'person' || last?.state === 'switching') && !isRunning(state) && last?.state !== 'undoing' && (
        <Switch state={state} onChange={onChange} />
      )}
      {last && last.state !== 'undone' && !isRunning(state) && <Undo state={state} onChange={onChange} />}
    </>
  )
}

function Switch({ state, onChange }: { state: State; onChange: (state: State) => void }) {
  const [trait, setTrait] = useState('groupId')
  const [preview, setPreview] = useState<Preview | null>(null)
  const { busy, error, run } = useAction()
  const body = { trait: trait.trim() || 'groupId' }
  const look = () => run(async () => setPreview(await call('POST /api/company-switch/preview', { body })))
  const start = () => run(async () => onChange(await call('POST /api/company-switch', { body })))
  const isChecked = preview !== null && preview.trait === body.trait
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void look()
      }}
    >
      <label>
        Trait that names the company
        <input
          value={trait}
          maxLength={64}
          required
          aria-describedby="switch-trait"
          onInput={(event) => setTrait(event.currentTarget.value)}
        />
      </label>
      <p class="quiet" id="switch-trait">
        <code>groupId</code> is what <code>group</code> calls have said.
      </p>
      <div class="row start">
        <button type="submit" disabled={busy}>
          Preview
        </button>
        {isChecked && (preview.joining > 0 || state.last?.state === 'switching') && (
          <button type="button" class="primary" disabled={busy} onClick={() => void start()}>
            Switch to companies
          </button>
        )}
      </div>
      {error && <ErrorNote error={error} />}
      <div role="status">{isChecked && <Outcome preview={preview} />}</div>
    </form>
  )
}

function Outcome({ preview }: { preview: Preview }) {
  const { joining, companies, alone, unclear, look, complete } = preview
  return (
    <>
      <p class="note">
        {complete ? '' : 'At least '}
        {count(joining, 'person becomes', 'people become')} {count(companies, 'company', 'companies')};{' '}
        {count(alone, 'person', 'people')} without a company {alone === 1 ? 'keeps' : 'keep'} their own trial
        {unclear > 0 && `; ${unclear} ${unclear === 1 ? 'needs' : 'need'} a look`}. You can take it back until
        the first email has gone to a company.
      </p>
      {look.length > 0 && (
        <div class="scroll">
          <table class="list">
            <TableHead titles={['Who', 'What to look at']} />
            <tbody>
              {look.map(({ userId, companyId, why }) => (
                <tr key={`${userId} ${companyId} ${why}`}>
                  <th scope="row">
                    {userId === null ? (
                      companyId
                    ) : (
                      <a href={`#/trialists/${encodeURIComponent(userId)}`}>{userId}</a>
                    )}
                  </th>
                  <td data-label="What to look at">{why}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

function Undo({ state, onChange }: { state: State; onChange: (state: State) => void }) {
  const { busy, error, run } = useAction()
  const { possible, why } = state.undo
  const undo = () => run(async () => onChange(await call('DELETE /api/company-switch')))
  return (
    <>
      {possible ? (
        <button type="button" disabled={busy} onClick={() => void undo()}>
          Take the switch back
        </button>
      ) : (
        <p class="quiet">It cannot be taken back: {why}</p>
      )}
      {error && <ErrorNote error={error} />}
    </>
  )
}
