import type { ComponentChildren } from 'preact'
import type { ApiError } from './api.ts'
import { useAction } from './hooks.ts'
import { Dialog, ErrorNote } from './parts.tsx'

/** How a form ends: what went wrong, and the button that sends it. */
export function Submit({
  busy,
  error,
  doing,
  disabled = false,
  children,
}: {
  busy: boolean
  error: ApiError | null
  /** What the button says while it is at work. */
  doing: string
  disabled?: boolean
  children: ComponentChildren
}) {
  return (
    <>
      {error && <ErrorNote error={error} />}
      <button type="submit" class="primary" disabled={busy || disabled}>
        {busy ? doing : children}
      </button>
    </>
  )
}

/** Asks before something is taken away. */
export function ConfirmDialog({
  title,
  label,
  doing,
  act,
  onClose,
  children,
}: {
  title: string
  label: string
  /** What the button says while it is at work. */
  doing: string
  act: () => Promise<void>
  onClose: () => void
  children: ComponentChildren
}) {
  const { busy, error, run } = useAction()
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {error && <ErrorNote error={error} />}
      <button type="button" class="danger" disabled={busy} onClick={() => run(act)}>
        {busy ? doing : label}
      </button>
    </Dialog>
  )
}
