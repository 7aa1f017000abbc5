import { useState } from 'preact/hooks'
import { wireRequest } from '../../../shared/api/client.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { call } from '../shared/api.ts'
import { useAction } from '../shared/hooks.ts'
import { Dialog, ErrorNote, Section } from '../shared/parts.tsx'

export function Privacy({ trialist, params }: { trialist: Trialist; params: { userId: string } }) {
  const [asking, setAsking] = useState(false)
  const { busy, error, run } = useAction()
  const erase = () =>
    run(async () => {
      await call('DELETE /api/trialists/{userId}', { params })
      window.location.hash = '#/'
    })
  return (
    <Section title="Privacy">
      <div class="row start">
        <a
          class="button"
          href={wireRequest('GET /api/trialists/{userId}/export', { params }).path}
          download="trialist.json"
        >
          Export everything
        </a>
        <button type="button" class="danger" onClick={() => setAsking(true)}>
          Erase
        </button>
      </div>
      {asking && (
        <Dialog title="Erase this person?" onClose={() => setAsking(false)}>
          <p>
            Trial, events and emails of {trialist.name ?? trialist.userId} are deleted for good. If they
            unsubscribed or complained, that is kept as a hash.
          </p>
          {error && <ErrorNote error={error} />}
          <button type="button" class="danger" disabled={busy} onClick={erase}>
            Erase for good
          </button>
        </Dialog>
      )}
    </Section>
  )
}
