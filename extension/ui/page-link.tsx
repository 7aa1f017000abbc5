import type { ComponentChildren } from 'preact'

/** To someone’s page in the dashboard; their words alone while no server is known. */
export function PageLink({
  server,
  userId,
  title,
  children,
}: {
  server: string | null
  userId: string
  title?: string
  children: ComponentChildren
}) {
  if (!server) return <span title={title}>{children}</span>
  const address = `${server}/#/trialists/${encodeURIComponent(userId)}`
  return (
    <a href={address} target="_blank" rel="noreferrer" title={title}>
      {children}
    </a>
  )
}
