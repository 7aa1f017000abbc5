import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { segmentLabels } from '../../../shared/labels.ts'
import type { Role } from '../../../shared/roles.ts'
import type { Segment } from '../../../shared/trial.ts'
import type { ApiError, Session } from './api.ts'
import { dateTimeText, relativeText } from './format.ts'
import { segmentMeanings } from './words.ts'

export function Chip({ segment }: { segment: Segment }) {
  const [label, meaning] = [segmentLabels[segment], segmentMeanings[segment]]
  return (
    <span class={`chip chip-${segment}`} title={meaning}>
      {label}
    </span>
  )
}

export function When({ at, now }: { at: string; now: number }) {
  return (
    <time dateTime={at} title={dateTimeText(at)}>
      {relativeText(at, now)}
    </time>
  )
}

export function ErrorNote({ error, retry }: { error: ApiError; retry?: (() => void) | undefined }) {
  return (
    <div class="note note-error" role="alert">
      <p>{error.message}</p>
      {error.problem.errors && error.problem.errors.length > 0 && (
        <ul>
          {error.problem.errors.map((fault) => (
            <li key={`${fault.pointer} ${fault.detail}`}>
              <code>{fault.pointer || '/'}</code> {fault.detail}
            </li>
          ))}
        </ul>
      )}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="quiet" role="status">
      Loading {what} …
    </p>
  )
}

export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

/** In the place of what this person’s role does not open. */
export function NotForRole({ session, least }: { session: Session; least: Role }) {
  return (
    <Empty title="Not for your role">
      <p>
        This page needs the {least} role; yours is {session.account.role}. An owner of{' '}
        {session.workspace.name} can change that.
      </p>
    </Empty>
  )
}

export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="card">
      <h2>{title}</h2>
      {children}
    </section>
  )
}

/** A modal dialog of the platform: focus stays inside, Escape closes it. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string
  onClose: () => void
  children: ComponentChildren
}) {
  const ref = useRef<HTMLDialogElement>(null)
  // Before the paint: opened later, it would take the focus away from someone who already types.
  useLayoutEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog ref={ref} onClose={onClose} aria-labelledby="dialog-title">
      <header class="row">
        <h2 id="dialog-title">{title}</h2>
        <button type="button" class="plain" aria-label="Close" onClick={onClose}>
          ✕
        </button>
      </header>
      {children}
    </dialog>
  )
}

/** @param action what the buttons of the last column do; for screen readers only. */
export function TableHead({ titles, action }: { titles: readonly string[]; action?: string }) {
  return (
    <thead>
      <tr>
        {titles.map((title) => (
          <th key={title} scope="col">
            {title}
          </th>
        ))}
        {action && (
          <th scope="col">
            <span class="sr">{action}</span>
          </th>
        )}
      </tr>
    </thead>
  )
}
