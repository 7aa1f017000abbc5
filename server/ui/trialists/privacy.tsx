import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { wireRequest } from '../../../shared/api/client.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { call } from '../shared/api.ts'
import { useAction } from '../shared/hooks.ts'
import { Dialog, ErrorNote, Section } from '../shared/parts.tsx'

export const Privacy = ({ trialist, params }: { trialist: Trialist; params: { userId: string } }) => (
  <ExportAndErase
    exportAt={wireRequest('GET /api/trialists/{userId}/export', { params }).path}
    file="trialist.json"
    question="Erase this person?"
    erase={() => call('DELETE /api/trialists/{userId}', { params })}
  >
    {trialist.companyId === undefined ? 'Trial, events' : 'Events'} and emails of{' '}
    {trialist.name ?? trialist.userId} are deleted for good. If they unsubscribed or complained, that is kept
    as a hash.
    {trialist.companyId !== undefined && ' Their company keeps its trial and what was done in it.'}
  </ExportAndErase>
)

export const CompanyPrivacy = ({ name, params }: { name: string; params: { companyId: string } }) => (
  <ExportAndErase
    exportAt={wireRequest('GET /api/companies/{companyId}/export', { params }).path}
    file="company.json"
    question="Erase this company and everyone in it?"
    erase={() => call('DELETE /api/companies/{companyId}', { params })}
  >
    The trial of {name} and all its people, with their events and emails, are deleted for good. What of them
    unsubscribed or complained is kept as a hash.
  </ExportAndErase>
)

function ExportAndErase({
  exportAt,
  file,
  question,
  erase: eraseThere,
  children,
}: {
  exportAt: string
  file: string
  question: string
  erase: () => Promise<unknown>
  children: ComponentChildren
}) {
  const [asking, setAsking] = useState(false)
  const { busy, error, run } = useAction()
  const erase = () =>
    run(async () => {
      await eraseThere()
      window.location.hash = '#/'
    })
  return (
    <Section title="Privacy">
      <div class="row start">
        <a class="button" href={exportAt} download={file}>
          Export everything
        </a>
        <button type="button" class="danger" onClick={() => setAsking(true)}>
          Erase
        </button>
      </div>
      {asking && (
        <Dialog title={question} onClose={() => setAsking(false)}>
          <p>{children}</p>
          {error && <ErrorNote error={error} />}
          <button type="button" class="danger" disabled={busy} onClick={erase}>
            Erase for good
          </button>
        </Dialog>
      )}
    </Section>
  )
}
