import type { ComponentChildren, ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Loading } from './parts.tsx'

/** A page in a file of its own, which is fetched when it is first opened. */
export function Lazy<Props extends object>({
  load,
  what,
  show,
}: {
  load: () => Promise<ComponentType<Props>>
  what: string
  show: (Page: ComponentType<Props>) => ComponentChildren
}) {
  const [page, setPage] = useState<{ Page: ComponentType<Props> } | null>(null)
  const [failed, setFailed] = useState(false)
  const [round, setRound] = useState(0)
  useEffect(() => {
    setFailed(false)
    load().then(
      (Page) => setPage({ Page }),
      () => setFailed(true),
    )
  }, [round])
  if (page) return <>{show(page.Page)}</>
  if (!failed) return <Loading what={what} />
  return (
    <div class="note note-error" role="alert">
      <p>This page could not be loaded. Check your connection; after an update of the server, reload.</p>
      <button type="button" onClick={() => setRound((n) => n + 1)}>
        Try again
      </button>
    </div>
  )
}
