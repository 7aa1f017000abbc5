import { segmentLabels } from '../../../shared/labels.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { companyHref } from '../companies/address.ts'
import { isAdmin, type Session, serverNow } from '../shared/api.ts'
import { useApi } from '../shared/hooks.ts'
import { Chip, Empty, ErrorNote, Loading, Section, When } from '../shared/parts.tsx'
import { paceWords, segmentMeanings, sentence } from '../shared/words.ts'
import { Billing } from './billing.tsx'
import { TrialClock } from './clock.tsx'
import { doorsOfPerson } from './doors.ts'
import { Decisions, Messages } from './emails.tsx'
import { NextMail } from './next.tsx'
import type { TrialistParts } from './parts.ts'
import { Privacy } from './privacy.tsx'

export function TrialistPage({ userId, session }: { userId: string; session: Session }) {
  const params = { userId }
  const { state, data, reload, set, ...rest } = useApi('GET /api/trialists/{userId}', { params })
  if (state === 'failed' && !data) {
    const { error } = rest as { error: Parameters<typeof ErrorNote>[0]['error'] }
    return error.problem.status === 404 ? (
      <>
        <h1>Trialists</h1>
        <Empty title="No such trialist">
          <p>
            <a href="#/">Back to the list</a>
          </p>
        </Empty>
      </>
    ) : (
      <ErrorNote error={error} retry={reload} />
    )
  }
  if (!data) return <Loading what="the trialist" />
  return <Details trialist={data} params={params} session={session} doors={doorsOfPerson(userId, set)} />
}

function Details({
  trialist,
  params,
  session,
  doors,
}: Pick<TrialistParts, 'trialist' | 'doors'> & { params: { userId: string }; session: Session }) {
  const now = serverNow()
  const parts = { trialist, doors, now }
  return (
    <>
      <p class="crumb">
        <a href="#/">Trialists</a>
      </p>
      <div class="row head">
        <div>
          <h1>{trialist.name ?? trialist.email ?? trialist.userId}</h1>
          <p class="quiet">
            {[trialist.email, trialist.company, trialist.plan, trialist.userId].filter(Boolean).join(' · ')}
          </p>
        </div>
        <Chip segment={trialist.segment} />
      </div>
      {trialist.companyId !== undefined && (
        <p class="note">
          {trialist.name ?? trialist.userId} shares one trial with everyone of{' '}
          <a href={companyHref(trialist.companyId)}>{trialist.company ?? trialist.companyId}</a>: what moves
          it here moves it for all of them.
        </p>
      )}
      <div class="grid">
        <Standing trialist={trialist} />
        <TrialClock {...parts} />
        <Billing {...parts} userId={params.userId} />
        <NextMail {...parts} />
        <Milestones trialist={trialist} now={now} />
      </div>
      <Decisions trialist={trialist} now={now} />
      <Messages {...parts} />
      {isAdmin(session) && <Privacy trialist={trialist} params={params} />}
    </>
  )
}

export function Standing({ trialist }: { trialist: Trialist }) {
  return (
    <Section title="Why this segment">
      <p class="facts">
        <span class="score big">{trialist.score}</span>
        <span>
          <strong>{segmentLabels[trialist.segment]}</strong>, {paceWords[trialist.pace].toLowerCase()}
          <br />
          <span class="quiet">{segmentMeanings[trialist.segment]}</span>
        </span>
      </p>
      <ul class="reasons">
        {trialist.reasons.map((reason) => (
          <li key={reason}>{sentence(reason)}</li>
        ))}
      </ul>
    </Section>
  )
}

export function Milestones({ trialist, now }: { trialist: Trialist; now: number }) {
  const reached = trialist.milestones.filter((milestone) => milestone.reachedAt !== null).length
  return (
    <Section title={`Milestones ${reached}/${trialist.milestones.length}`}>
      {trialist.milestones.length === 0 && <p class="quiet">The playbook has none yet.</p>}
      <ul class="milestones">
        {trialist.milestones.map(({ name, count, threshold, reachedAt }) => (
          <li key={name} class={reachedAt ? 'done' : ''}>
            <span class="mark" aria-hidden="true">
              {reachedAt ? '✓' : ''}
            </span>
            <span class="grow">
              {name}
              <progress
                value={Math.min(count, threshold)}
                max={threshold}
                aria-label={`${name}: ${count} of ${threshold}`}
              />
            </span>
            <span class="quiet">
              {count}/{threshold}
              {reachedAt && (
                <>
                  {' · '}
                  <When at={reachedAt} now={now} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
