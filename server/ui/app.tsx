import { useCallback, useEffect, useState } from 'preact/hooks'
import { ApiError, api, type Session, useSession } from './api.ts'
import { FiguresPage } from './figures.tsx'
import { useHash } from './hooks.ts'
import { LoginPage } from './login.tsx'
import { ErrorNote, Loading } from './parts.tsx'
import { PlaybookPage } from './playbook.tsx'
import { SettingsPage } from './settings.tsx'
import { TrialistPage } from './trialist.tsx'
import { TrialistsPage } from './trialists.tsx'

const pages = [
  { path: '/', label: 'Trialists' },
  { path: '/figures', label: 'Figures' },
  { path: '/playbook', label: 'Playbook' },
  { path: '/settings', label: 'Settings' },
]

function Page({ hash, session }: { hash: string; session: Session }) {
  const [path = '/'] = hash.split('?', 1)
  const userId = /^\/trialists\/(.+)$/.exec(path)?.[1]
  if (userId !== undefined)
    return <TrialistPage key={userId} userId={decodeURIComponent(userId)} session={session} />
  if (path === '/figures') return <FiguresPage session={session} />
  if (path === '/playbook') return <PlaybookPage session={session} />
  if (path === '/settings') return <SettingsPage session={session} />
  return <TrialistsPage />
}

function Header({ session, hash, onSignOut }: { session: Session; hash: string; onSignOut: () => void }) {
  const [path] = hash.split('?', 1)
  const current = path?.startsWith('/trialists') ? '/' : path
  return (
    <header class="top">
      <a class="brand" href="#/">
        <img src="/icon.svg" alt="" width="26" height="26" />
        Trialpace
      </a>
      <nav aria-label="Main">
        {pages.map(({ path: target, label }) => (
          <a key={target} href={`#${target}`} aria-current={current === target ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <div class="who">
        <span class="quiet">{session.account.name}</span>
        <button type="button" class="plain" onClick={onSignOut}>
          Sign out
        </button>
      </div>
    </header>
  )
}

export function App() {
  const [session, setSession] = useState<Session | null | undefined>(undefined)
  const [error, setError] = useState<ApiError | null>(null)
  const hash = useHash()

  const enter = useCallback((next: Session | null) => {
    useSession(next, () => setSession(null))
    setSession(next)
  }, [])
  const look = useCallback(() => {
    setError(null)
    api<{ session: Session | null }>('GET', '/api/session').then(
      (answer) => enter(answer.session),
      (cause: unknown) => cause instanceof ApiError && setError(cause),
    )
  }, [enter])
  useEffect(look, [look])

  const signOut = async () => {
    await api('DELETE', '/api/session').catch(() => undefined)
    enter(null)
  }

  if (error)
    return (
      <main class="lone">
        <ErrorNote error={error} retry={look} />
      </main>
    )
  if (session === undefined)
    return (
      <main class="lone">
        <Loading what="the dashboard" />
      </main>
    )
  if (session === null) return <LoginPage onSignedIn={enter} />
  return (
    <>
      <Header session={session} hash={hash} onSignOut={signOut} />
      <main>
        <Page hash={hash} session={session} />
      </main>
    </>
  )
}
