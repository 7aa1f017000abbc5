import { useState } from 'preact/hooks'
import type { Playbook } from '../../../shared/playbook.ts'
import { call } from '../shared/api.ts'
import { Submit } from '../shared/form-parts.tsx'
import { useAction, useApi } from '../shared/hooks.ts'
import { Dialog, ErrorNote, Loading } from '../shared/parts.tsx'

/** Publishes the playbook with this event in the place of a milestone’s, or as a milestone of its own. */
export function UseAsMilestone({ event }: { event: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Make this a milestone
      </button>
      {isOpen && (
        <Dialog title={`“${event}” as a milestone`} onClose={() => setOpen(false)}>
          <Choice event={event} done={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  )
}

const ownMilestone = ''

function Choice({ event, done }: { event: string; done: () => void }) {
  const playbook = useApi('GET /api/playbook')
  const { busy, error, run } = useAction()
  if (playbook.state === 'failed') return <ErrorNote error={playbook.error} retry={playbook.reload} />
  if (!playbook.data) return <Loading what="the milestones" />
  const { version, playbook: current } = playbook.data as { version: number; playbook: Playbook }
  const submit = (submitted: SubmitEvent) => {
    submitted.preventDefault()
    const chosen = String(new FormData(submitted.currentTarget as HTMLFormElement).get('milestone'))
    const milestones =
      chosen === ownMilestone
        ? [...current.milestones, { name: event, event, threshold: 1 }]
        : current.milestones.map((one) => (one.name === chosen ? { ...one, event } : one))
    void run(async () => {
      const headers = { 'If-Match': `"${version}"` }
      await call('PUT /api/playbook', {
        query: { note: `“${event}” as a milestone` },
        body: { ...current, milestones },
        headers,
      })
      done()
    })
  }
  return (
    <form onSubmit={submit}>
      <label>
        It shows that people reached
        <select name="milestone">
          {current.milestones.map(({ name, event: before }) => (
            <option key={name} value={name}>
              {name} (instead of “{before}”)
            </option>
          ))}
          <option value={ownMilestone}>A milestone of its own</option>
        </select>
      </label>
      <Submit busy={busy} error={error} doing="Publishing …">
        Publish
      </Submit>
    </form>
  )
}
