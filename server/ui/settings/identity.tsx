import { useEffect, useState } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import type { IdentityCheck, IdentityFault } from '../../../shared/identity-check.ts'
import { signingExamples } from '../../../shared/signing-examples.ts'
import { call, isAdmin, type Session } from '../shared/api.ts'
import { Copyable } from '../shared/copy.tsx'
import { useAction, useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section } from '../shared/parts.tsx'
import { Options } from './options.tsx'
import { TrustingNote } from './trust-warning.tsx'

type Identity = AnswerOf<'GET /api/workspace/identity'>

const modes = [
  {
    value: 'required',
    label: 'Required',
    meaning: 'A user counts as identified only with a token that your server signed.',
  },
  {
    value: 'trusting',
    label: 'Trusting (a risk)',
    meaning:
      'Anyone who copies the write key from your pages can add usage to any user and see which nudges they get. It never triggers an email and shows no usage numbers.',
  },
]

const faults: Record<IdentityFault, string> = {
  no_token: 'it came without a token',
  too_long: 'its token is too long',
  not_a_token: 'its token is not a JWT',
  wrong_algorithm: 'its token is not signed with HS256',
  wrong_signature: 'its token was signed with another secret',
  no_user: 'its token has no "sub" claim',
  no_expiry: 'its token has no "exp" claim',
  lives_too_long: 'its token lives longer than an hour',
  expired: 'its token had expired',
  not_yet_valid: 'its token is not valid yet: check your server’s clock, and that "exp" is within an hour',
  other_user: 'its token names another user',
}

const pollMs = 3000

/** Who is believed, how to sign, and whether it works. */
export function IdentitySection({ session }: { session: Session }) {
  const identity = useApi('GET /api/workspace/identity')
  useEffect(() => {
    const timer = setInterval(identity.reload, pollMs)
    return () => clearInterval(timer)
  }, [identity.reload])
  return (
    <Section title="Signed users">
      {identity.state === 'failed' && <ErrorNote error={identity.error} retry={identity.reload} />}
      {!identity.data && identity.state === 'loading' && <Loading what="the setting" />}
      {identity.data && (
        <>
          <LastCheck last={identity.data.last} />
          {identity.data.identity === 'trusting' && <TrustingNote />}
          {isAdmin(session) && <Mode {...identity.data} changed={identity.reload} />}
          <Examples />
        </>
      )}
    </Section>
  )
}

function LastCheck({ last }: { last: IdentityCheck | null }) {
  const words =
    last === null
      ? 'No browser has identified a user yet.'
      : last.fault === null
        ? 'The last user was signed: it works.'
        : `The last user was not signed: ${faults[last.fault]}.`
  return (
    <p role="status" class={last?.fault ? 'notice' : 'quiet'}>
      {words} {last && <time dateTime={last.at}>{new Date(last.at).toLocaleTimeString()}</time>}
    </p>
  )
}

function Mode({ identity, changed }: { identity: Identity['identity']; changed: () => void }) {
  const { busy, error, run } = useAction()
  const save = (event: SubmitEvent) => {
    event.preventDefault()
    const chosen = new FormData(event.currentTarget as HTMLFormElement).get(
      'identity',
    ) as Identity['identity']
    void run(async () => {
      await call('PUT /api/workspace/identity', { body: { identity: chosen } })
      changed()
    })
  }
  return (
    <form onSubmit={save} key={identity}>
      <Options name="identity" legend="Identity" options={modes} chosen={identity} />
      <button type="submit" disabled={busy}>
        Save
      </button>
      {error && <ErrorNote error={error} />}
    </form>
  )
}

function Examples() {
  const [chosen, setChosen] = useState(0)
  const example = signingExamples[chosen]
  return (
    <div class="signing">
      <p>
        Your server signs a token with the identity secret for each signed-in user. The snippet’s{' '}
        <code>identity</code> option says where to get it.
      </p>
      <label>
        Language{' '}
        <select
          name="language"
          onChange={(event) => setChosen(Number((event.currentTarget as HTMLSelectElement).value))}
        >
          {signingExamples.map(({ language }, index) => (
            <option key={language} value={index}>
              {language}
            </option>
          ))}
        </select>
      </label>
      {example && <Copyable label={`How to sign in ${example.language}`} text={example.code} />}
    </div>
  )
}
