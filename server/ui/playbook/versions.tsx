import { useState } from 'preact/hooks'
import { differences } from '../../../shared/sentence/difference.ts'
import type { Words } from '../../../shared/sentence/words.ts'
import { dateTimeText } from '../shared/format.ts'
import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, TableHead } from '../shared/parts.tsx'
import { Changes } from './changes.tsx'
import type { Playbook } from './use-draft.ts'

interface VersionsParts {
  readonly current: number
  readonly draft: Playbook
  readonly words: Words
  readonly readOnly: boolean
  readonly restore: (playbook: Playbook, version: number) => void
}

/** Every version that was published, what each changed, and the way back to it. */
export function Versions(parts: VersionsParts) {
  const [before, setBefore] = useState<number | undefined>(undefined)
  const [shown, setShown] = useState<number | null>(null)
  const list = useApi('GET /api/playbook/versions', {
    query: { limit: 20, ...(before !== undefined && { before }) },
  })
  if (list.state === 'failed') return <ErrorNote error={list.error} retry={list.reload} />
  if (!list.data) return <Loading what="the versions" />
  const oldest = list.data.versions.at(-1)?.version ?? 1
  return (
    <section class="card">
      <div class="scroll">
        <table class="list">
          <TableHead titles={['Version', 'Published', 'By', 'Note']} action="Compare" />
          <tbody>
            {list.data.versions.map((version) => (
              <tr key={version.version}>
                <th scope="row">
                  {version.version}
                  {version.version === parts.current && <small>current</small>}
                </th>
                <td data-label="Published">{dateTimeText(version.at)}</td>
                <td data-label="By">{version.by}</td>
                <td data-label="Note">{version.note || '–'}</td>
                <td>
                  <button
                    type="button"
                    class="plain"
                    aria-expanded={shown === version.version}
                    onClick={() => setShown(shown === version.version ? null : version.version)}
                  >
                    {shown === version.version ? 'Hide' : 'Look at it'}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="row start">
        {before !== undefined && (
          <button type="button" onClick={() => setBefore(undefined)}>
            Newest
          </button>
        )}
        {oldest > 1 && (
          <button type="button" onClick={() => setBefore(oldest)}>
            Older
          </button>
        )}
      </p>
      {shown !== null && <VersionDetail key={shown} version={shown} {...parts} />}
    </section>
  )
}

function VersionDetail({ version, draft, words, readOnly, restore }: VersionsParts & { version: number }) {
  const of = (number: number) => ({ params: { version: number } })
  const one = useApi('GET /api/playbook/versions/{version}', of(version))
  const previous = useApi('GET /api/playbook/versions/{version}', of(Math.max(1, version - 1)))
  if (one.state === 'failed') return <ErrorNote error={one.error} retry={one.reload} />
  if (previous.state === 'failed') return <ErrorNote error={previous.error} retry={previous.reload} />
  if (!one.data || !previous.data) return <Loading what={`version ${version}`} />
  const playbook = one.data.playbook as Playbook
  return (
    <>
      <h2>What version {version} changed</h2>
      {version === 1 ? (
        <p class="quiet">It was the first.</p>
      ) : (
        <Changes differences={differences(previous.data.playbook, playbook, words)} />
      )}
      <h2>Your draft beside it</h2>
      <Changes differences={differences(playbook, draft, words)} />
      {!readOnly && (
        <button type="button" onClick={() => restore(playbook, version)}>
          Restore version {version} into the draft
        </button>
      )}
    </>
  )
}
