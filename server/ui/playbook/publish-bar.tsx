import { useEffect, useState } from 'preact/hooks'
import type { Difference } from '../../../shared/sentence/difference.ts'
import { call } from '../shared/api.ts'
import { useAction } from '../shared/hooks.ts'
import { ErrorNote } from '../shared/parts.tsx'
import { Changes } from './changes.tsx'
import { type DryRun, Impact } from './impact.tsx'
import type { Draft, SaveState, Version } from './use-draft.ts'

const saveWords: Readonly<Record<SaveState, string>> = {
  clean: 'As published.',
  waiting: 'Saving your draft …',
  saving: 'Saving your draft …',
  saved: 'Draft saved. Nothing changes for anyone until you publish.',
  conflict: 'Not saved.',
  failed: 'The draft could not be saved. It is tried again; keep this window open.',
}

/** How a draft becomes the playbook: what changed, whom it concerns, the note, the button. */
export function PublishBar({
  draft,
  published,
  changed,
  canPublish,
  onPublished,
}: {
  draft: Draft
  published: Version
  /** What the draft says differently. */
  changed: readonly Difference[]
  canPublish: boolean
  onPublished: (version: Version) => void
}) {
  const { busy, error, run } = useAction()
  const [dryRun, setDryRun] = useState<DryRun | null>(null)
  const [note, setNote] = useState('')
  useEffect(() => setDryRun(null), [draft.playbook])

  const preview = () =>
    run(async () => setDryRun(await call('POST /api/playbook/dry-run', { body: draft.playbook })))
  const publish = () =>
    run(async () => {
      const answer = await call('PUT /api/playbook', {
        body: draft.playbook,
        query: { note },
        headers: { 'If-Match': `"${published.version}"` },
      })
      await call('DELETE /api/playbook/draft')
      onPublished(answer)
    })
  return (
    <section class="card" aria-labelledby="publish-title">
      <h2 id="publish-title" tabIndex={-1}>
        {titleOf(changed.length)}
      </h2>
      <p class="quiet" role="status">
        {saveWords[draft.saveState]}
      </p>
      {draft.saveState === 'conflict' && <Conflict draft={draft} />}
      {draft.isChanged && draft.basedOn < published.version && (
        <p class="note">
          Version {published.version} was published after you began. What it changed and you did not keep
          shows below as a change of yours.
        </p>
      )}
      {changed.length > 0 && (
        <details open={changed.length <= 3}>
          <summary>What changes</summary>
          <Changes differences={changed} />
        </details>
      )}
      {draft.faults.length > 0 && <UnplacedFaults draft={draft} />}
      {error && <ErrorNote error={error} />}
      <div class="row start">
        <button
          type="button"
          disabled={busy || !draft.isChanged || draft.faults.length > 0}
          onClick={preview}
        >
          Preview impact
        </button>
        {draft.isChanged && (
          <button type="button" class="plain" disabled={busy} onClick={draft.discard}>
            Discard changes
          </button>
        )}
      </div>
      {dryRun && <Impact dryRun={dryRun} />}
      {canPublish ? (
        <form
          class="row start"
          onSubmit={(event) => {
            event.preventDefault()
            void publish()
          }}
        >
          <label class="grow">
            <span>Note</span>
            <input
              value={note}
              maxLength={500}
              placeholder="Why this change?"
              onInput={(event) => setNote(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="primary" disabled={busy || !draft.isChanged || !dryRun}>
            Publish version {published.version + 1}
          </button>
          {draft.isChanged && !dryRun && <span class="quiet">Preview the impact before publishing.</span>}
        </form>
      ) : (
        <p class="quiet">Only admins can publish. Your draft stays yours.</p>
      )}
    </section>
  )
}

/** Stays in view while rules far below are changed. */
export function DraftStrip({ draft, count }: { draft: Draft; count: number }) {
  if (!draft.isChanged && !draft.canUndo && !draft.canRedo) return null
  const isLost = draft.saveState === 'conflict' || draft.saveState === 'failed'
  return (
    <div class="draft-strip row start">
      <b>{titleOf(count)}</b>
      {isLost && <span class="chip-bad">not saved</span>}
      <button type="button" class="plain undo" disabled={!draft.canUndo} onClick={draft.undo}>
        Undo
      </button>
      <button type="button" class="plain redo" disabled={!draft.canRedo} onClick={draft.redo}>
        Redo
      </button>
      <button
        type="button"
        onClick={() => {
          const title = document.getElementById('publish-title')
          title?.scrollIntoView({ block: 'start' })
          title?.focus({ preventScroll: true })
        }}
      >
        Review and publish
      </button>
    </div>
  )
}

const titleOf = (count: number): string =>
  count === 0 ? 'No changes' : count === 1 ? '1 change' : `${count} changes`

function Conflict({ draft }: { draft: Draft }) {
  return (
    <div class="note note-error" role="alert">
      <p>Your draft was changed in another window.</p>
      <button type="button" class="plain" onClick={draft.takeTheirs}>
        Take that one (undo brings this one back)
      </button>
      <button type="button" class="plain" onClick={draft.keepMine}>
        Keep this one
      </button>
    </div>
  )
}

function UnplacedFaults({ draft }: { draft: Draft }) {
  return (
    <div class="note note-error" role="alert">
      <p>
        {draft.faults.length === 1 ? 'One thing' : `${draft.faults.length} things`} to mend before this can be
        published:
      </p>
      <ul>
        {draft.faults.slice(0, 10).map((fault) => (
          <li key={`${fault.pointer} ${fault.detail}`}>
            <code>{fault.pointer}</code> {fault.detail}
          </li>
        ))}
      </ul>
    </div>
  )
}
