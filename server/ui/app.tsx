import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Role } from '../../shared/roles.ts'
import { BrandPage } from './brand/page.tsx'
import { CompanyPage } from './companies/page.tsx'
import { ConnectPage } from './connect/page.tsx'
import { DeliverabilityPage } from './deliverability/page.tsx'
import { EmailsPage } from './emails/page.tsx'
import { LoginPage } from './login.tsx'
import { MetricsPage } from './metrics/page.tsx'
import { PlaybookPage } from './playbook/page.tsx'
import { ForgotPasswordPage, ResetPasswordPage } from './reset-password.tsx'
import { SendingBar } from './sending/bar.tsx'
import { SendingPage } from './sending/page.tsx'
import { SettingsPage } from './settings/page.tsx'
import { TrustWarning } from './settings/trust-warning.tsx'
import { SetupPage } from './setup/page.tsx'
import { ApiError, call, isAtLeast, type Session, useSession } from './shared/api.ts'
import { useApi, useHash } from './shared/hooks.ts'
import { Lazy } from './shared/lazy.tsx'
import { ErrorNote, Loading, NotForRole } from './shared/parts.tsx'
import { TrialistsPage } from './trialists/list.tsx'
import { TrialistPage } from './trialists/page.tsx'
import { SentMailPage } from './trialists/sent-email.tsx'

interface PageParts {
  session: Session
  /** Address without its query: `/trialists/ann`. */
  path: string
  query: URLSearchParams
}

interface MainPage {
  /** Addresses below it are its own too. */
  path: string
  label: string
  /** Least role the server answers. */
  least: Role
  /** Reached from another page than the navigation; null: from any. */
  from?: string | null
  show: (parts: PageParts) => ComponentChildren
}

const pages: readonly MainPage[] = [
  { path: '/trialists', label: 'Trialists', least: 'rep', show: (parts) => <Trialists {...parts} /> },
  {
    path: '/companies',
    label: 'Companies',
    least: 'rep',
    from: '/trialists',
    show: (parts) => <Companies {...parts} />,
  },
  { path: '/metrics', label: 'Metrics', least: 'analyst', show: (parts) => <MetricsPage {...parts} /> },
  { path: '/emails', label: 'Emails', least: 'rep', show: (parts) => <EmailsPage {...parts} /> },
  {
    path: '/content',
    label: 'Edit emails',
    least: 'rep',
    from: '/emails',
    show: (parts) => (
      <Lazy
        what="the editor"
        load={async () => (await import('./content/page.tsx')).ContentPage}
        show={(ContentPage) => <ContentPage {...parts} />}
      />
    ),
  },
  {
    path: '/deliverability',
    label: 'Deliverability',
    least: 'rep',
    show: (parts) => <DeliverabilityPage {...parts} />,
  },
  { path: '/playbook', label: 'Playbook', least: 'rep', show: (parts) => <PlaybookPage {...parts} /> },
  { path: '/brand', label: 'Brand', least: 'rep', show: () => <BrandPage /> },
  { path: '/connect', label: 'Connect', least: 'rep', show: (parts) => <ConnectPage {...parts} /> },
  { path: '/settings', label: 'Settings', least: 'analyst', show: (parts) => <SettingsPage {...parts} /> },
  {
    path: '/release',
    label: 'Sending',
    least: 'rep',
    from: null,
    show: (parts) => <SendingPage {...parts} />,
  },
]

const isOpenTo = (session: Session) => (page: MainPage) => isAtLeast(session, page.least)

const pathOf = (hash: string): string => hash.split('?', 1)[0] ?? '/'

/** What begins nowhere else is the first page that this role opens. */
const pageOf = (path: string, session: Session): MainPage | undefined =>
  pages.find((page) => path === page.path || path.startsWith(`${page.path}/`)) ??
  pages.find(isOpenTo(session))

/** What someone typed into the address bar need not be well-formed. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function Trialists({ path, query, session }: PageParts) {
  const [, userId, token] =
    /^\/trialists\/([^/]+)(?:\/emails\/([^/]+))?$/.exec(path)?.map((part) => part && decoded(part)) ?? []
  if (userId === undefined) return <TrialistsPage />
  return token ? (
    <SentMailPage key={token} token={token} userId={userId} query={query} />
  ) : (
    <TrialistPage key={userId} userId={userId} session={session} />
  )
}

function Companies({ path, session }: PageParts) {
  const companyId = /^\/companies\/([^/]+)$/.exec(path)?.[1]
  if (companyId === undefined) return <TrialistsPage />
  return <CompanyPage key={companyId} companyId={decoded(companyId)} session={session} />
}

function Page({ hash, session }: { hash: string; session: Session }) {
  const [path = '/', query = ''] = hash.split('?', 2)
  const page = pageOf(path, session)
  const main = useRef<HTMLElement>(null)
  const before = useRef(path)
  useEffect(() => {
    document.title = page ? `${page.label} · Trialpace` : 'Trialpace'
    if (before.current === path) return
    before.current = path
    // A new page begins at its top, for the eye and for the keyboard.
    main.current?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [path, page])
  return (
    <main ref={main} tabIndex={-1}>
      {page === pages[0] && <TrustWarning session={session} />}
      {page &&
        (isAtLeast(session, page.least) ? (
          page.show({ session, path, query: new URLSearchParams(query) })
        ) : (
          <>
            <h1>{page.label}</h1>
            <NotForRole session={session} least={page.least} />
          </>
        ))}
    </main>
  )
}

function Header({ session, hash, onSignOut }: { session: Session; hash: string; onSignOut: () => void }) {
  const current = pageOf(pathOf(hash), session)
  return (
    <header class="top">
      <a class="brand" href="#/">
        <img src="/icon.svg" alt="" width="26" height="26" />
        Trialpace
      </a>
      <nav aria-label="Main">
        {pages
          .filter(({ from }) => from === undefined)
          .filter(isOpenTo(session))
          .map((page) => (
            <a
              key={page.path}
              href={page === pages[0] ? '#/' : `#${page.path}`}
              aria-current={current === page ? 'page' : current?.from === page.path ? 'true' : undefined}
            >
              {page.label}
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

/** Before there is any account, every address opens the set-up page. */
function SignedOut({ hash, enter }: { hash: string; enter: (session: Session) => void }) {
  const setup = useApi('GET /api/setup')
  if (setup.state === 'loading')
    return (
      <main class="lone">
        <Loading what="the dashboard" />
      </main>
    )
  if (setup.data?.needed)
    return <SetupPage token={/^\/setup\/([\w-]{1,100})$/.exec(hash)?.[1] ?? ''} onDone={enter} />
  return hash === '/forgot' ? <ForgotPasswordPage /> : <LoginPage onSignedIn={enter} />
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
    call('GET /api/session').then(
      (answer) => enter(answer.session),
      (cause: unknown) => cause instanceof ApiError && setError(cause),
    )
  }, [enter])
  useEffect(look, [look])

  const signOut = async () => {
    await call('DELETE /api/session').catch(() => undefined)
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
  const resetToken = /^\/reset\/([\w-]{1,64})$/.exec(hash)?.[1]
  if (resetToken) return <ResetPasswordPage key={resetToken} token={resetToken} onDone={() => enter(null)} />
  if (session === null) return <SignedOut hash={hash} enter={enter} />
  return (
    <>
      <Header session={session} hash={hash} onSignOut={signOut} />
      <SendingBar path={pathOf(hash)} />
      <Page hash={hash} session={session} />
    </>
  )
}
