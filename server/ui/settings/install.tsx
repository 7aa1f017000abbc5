import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { Copyable } from '../shared/copy.tsx'
import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section } from '../shared/parts.tsx'

export function InstallSection() {
  const workspace = useApi('GET /api/workspace')
  return (
    <Section title="Install">
      {workspace.state === 'failed' && <ErrorNote error={workspace.error} retry={workspace.reload} />}
      {!workspace.data && workspace.state === 'loading' && <Loading what="the snippet" />}
      {workspace.data && <Install workspace={workspace.data} />}
    </Section>
  )
}

function Install({
  workspace: { snippet, writeKey, publicUrl },
}: {
  workspace: AnswerOf<'GET /api/workspace'>
}) {
  const call = `curl -X PUT ${publicUrl}/api/trialists/USER_ID \\
  -H "Authorization: Bearer sk_…" -H "Content-Type: application/json" \\
  -d '{"email":"ann@example.com","name":"Ann","trial":{"endsAt":"2030-01-31"}}'`
  return (
    <>
      <p>Paste this into the head of your product’s pages:</p>
      <Copyable label="Snippet for your pages" text={snippet} />
      <p>Track the moments that matter:</p>
      <Copyable
        label="Example of a tracked event"
        text={"trialpace.identify('USER_ID')\ntrialpace.track('First Result')"}
      />
      <p>Send email addresses and trial dates from your server, with a secret key:</p>
      <Copyable label="Example of a call from your server" text={call} />
      <p class="quiet">
        Public write key: <code>{writeKey}</code>
      </p>
    </>
  )
}
