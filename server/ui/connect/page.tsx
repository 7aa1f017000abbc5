import { useEffect } from 'preact/hooks'
import { IdentitySection } from '../settings/identity.tsx'
import { InstallSection } from '../settings/install.tsx'
import type { Session } from '../shared/api.ts'
import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section } from '../shared/parts.tsx'
import { Feed } from './feed.tsx'
import { Ladder } from './ladder.tsx'
import { useFeed } from './use-feed.ts'

const pollMs = 3000

/** From the snippet to the first email: what to paste, what arrives, and what is still missing. */
export function ConnectPage({ session }: { session: Session }) {
  const { events, isLive } = useFeed()
  const progress = useApi('GET /api/connect')
  const sending = useApi('GET /api/workspace/sending')
  const [newest] = events
  useEffect(progress.reload, [progress.reload, newest])
  useEffect(() => {
    const timer = setInterval(progress.reload, pollMs)
    return () => clearInterval(timer)
  }, [progress.reload])
  return (
    <>
      <h1>Connect your product</h1>
      <div class="grid">
        <div>
          {progress.state === 'failed' && <ErrorNote error={progress.error} retry={progress.reload} />}
          {!progress.data && progress.state === 'loading' && <Loading what="the steps" />}
          {progress.data && (
            <Ladder
              progress={progress.data}
              isReleased={sending.data !== null && sending.data.releasedAt !== null}
            />
          )}
        </div>
        <div>
          <Feed events={events} isLive={isLive} session={session} />
          {events.length === 0 && <NothingArrives />}
        </div>
      </div>
      <InstallSection />
      <IdentitySection session={session} />
    </>
  )
}

/** Faults that keep a request from ever reaching us: only the browser of the page knows them. */
const silent: readonly { sign: string; name: string; fix: string }[] = [
  {
    sign: '“Refused to load the script” or “Refused to connect”',
    name: 'Content-Security-Policy of your page',
    fix: 'Allow this server in script-src and connect-src.',
  },
  {
    sign: 'net::ERR_BLOCKED_BY_CLIENT',
    name: 'An ad blocker',
    fix: 'Serve Trialpace from a subdomain of your own, or proxy /sdk and /v1.',
  },
  {
    sign: 'net::ERR_NAME_NOT_RESOLVED, ERR_CONNECTION_REFUSED or 404',
    name: 'Wrong host',
    fix: 'Copy the snippet again: data-host must be the address of this server.',
  },
  {
    sign: '“Mixed Content”',
    name: 'Your page is https, this server’s address http',
    fix: 'Put TLS in front of it and set PUBLIC_URL to the https address.',
  },
  {
    sign: 'No request at all, no error',
    name: 'Consent is pending',
    fix: 'The snippet waits until your banner calls trialpace.consent(“granted”).',
  },
]

function NothingArrives() {
  return (
    <Section title="Nothing arrives?">
      <p class="quiet">Open the console of your own page. What it says names the fault:</p>
      <dl class="silent">
        {silent.map(({ sign, name, fix }) => (
          <div key={name}>
            <dt>{sign}</dt>
            <dd>
              <b>{name}.</b> {fix}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}
