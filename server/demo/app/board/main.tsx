import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { request } from '../shared/request.ts'
import { DemoStrip } from '../shared/strip.tsx'
import { useDemoClock } from '../shared/use-clock.ts'
import { Board } from './board.tsx'
import { Countdown } from './countdown.tsx'
import { Facts } from './facts.tsx'
import { FirstSteps } from './first-steps.tsx'
import type { Account, Session } from './session.ts'
import { SignUp } from './sign-up.tsx'
import { trialpace } from './snippet.ts'
import { Team } from './team.tsx'
import { Upgrade } from './upgrade.tsx'
import { useProject } from './use-project.ts'
import { useTrialist } from './use-trialist.ts'

function useHash(): string {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const follow = () => setHash(location.hash)
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return hash
}

function useSession() {
  const [session, setSession] = useState<Session | null>(null)
  const take = (next: Session) => {
    setSession(next)
    if (next.account) trialpace().identify?.(next.account.userId)
  }
  useEffect(() => {
    request<Session>('/demo/api/app/session').then(take, () => setSession({ account: null }))
  }, [])
  return { session, take }
}

function App() {
  const { session, take } = useSession()
  const account = session?.account ?? null
  const { trialist, refresh } = useTrialist(account?.userId ?? null)
  const clock = useDemoClock(refresh)
  const signOut = async () => {
    await request('/demo/api/app/sign-out', {})
    trialpace().reset?.()
    take({ account: null })
  }

  return (
    <>
      <DemoStrip clock={clock} here="board" userId={account?.userId}>
        <Facts trialist={trialist} />
      </DemoStrip>
      <header class="top">
        <a class="logo" href="#/board">
          <span aria-hidden="true">▚</span> Boardly
        </a>
        <div class="top-right">
          <Countdown trialist={trialist} now={clock.now} />
          {account && (
            <button type="button" class="quiet" onClick={signOut}>
              Sign out
            </button>
          )}
        </div>
      </header>
      {session &&
        (account ? (
          <Workplace account={account} trialist={trialist} onChanged={refresh} />
        ) : (
          <SignUp onSignedUp={take} />
        ))}
    </>
  )
}

function Workplace({
  account,
  trialist,
  onChanged,
}: {
  account: Account
  trialist: ReturnType<typeof useTrialist>['trialist']
  onChanged: () => void
}) {
  const { project, actions } = useProject(account.userId, onChanged)
  if (useHash() === '#/upgrade')
    return (
      <main class="page">
        <Upgrade converted={trialist?.trial.status === 'converted'} onConverted={onChanged} />
      </main>
    )
  return (
    <main class="page with-side">
      <Board project={project} actions={actions} />
      <div class="side">
        <FirstSteps project={project} />
        <Team owner={account.name} teammates={project.teammates} onInvite={actions.invite} />
      </div>
    </main>
  )
}

render(<App />, document.getElementById('app') as HTMLElement)
