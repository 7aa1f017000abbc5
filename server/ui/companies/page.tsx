import type { CompanyAnswer } from '../../../shared/api/companies.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { isAdmin, type Session, serverNow } from '../shared/api.ts'
import { useApi } from '../shared/hooks.ts'
import { Chip, Empty, ErrorNote, Loading } from '../shared/parts.tsx'
import { Billing } from '../trialists/billing.tsx'
import { TrialClock } from '../trialists/clock.tsx'
import { doorsOfCompany } from '../trialists/doors.ts'
import { Decisions, Messages } from '../trialists/emails.tsx'
import { NextMail } from '../trialists/next.tsx'
import { Milestones, Standing } from '../trialists/page.tsx'
import { CompanyPrivacy } from '../trialists/privacy.tsx'
import { Members } from './members.tsx'

/** A company as the parts that show a trial know one: without what only a person has. */
const asTrialist = ({
  members: _,
  beyond: __,
  otherEvents: ___,
  name,
  ...company
}: CompanyAnswer): Trialist => ({
  ...company,
  userId: null,
  anonymousId: null,
  email: null,
  name,
  company: name,
  consent: { mail: null, tracking: null },
})

/** Everyone of a company in one trial: what moves here moves for all of them. */
export function CompanyPage({ companyId, session }: { companyId: string; session: Session }) {
  const params = { companyId }
  const { state, data, reload, set, ...rest } = useApi('GET /api/companies/{companyId}', { params })
  if (state === 'failed' && !data) {
    const { error } = rest as { error: Parameters<typeof ErrorNote>[0]['error'] }
    return error.problem.status === 404 ? (
      <>
        <h1>Companies</h1>
        <Empty title="No such company">
          <p>
            <a href="#/">Back to the list</a>
          </p>
        </Empty>
      </>
    ) : (
      <ErrorNote error={error} retry={reload} />
    )
  }
  if (!data) return <Loading what="the company" />
  return <Details company={data} session={session} onChange={set} />
}

function Details({
  company,
  session,
  onChange,
}: {
  company: CompanyAnswer
  session: Session
  onChange: (company: CompanyAnswer) => void
}) {
  const { companyId, members } = company
  const names = new Map(members.map(({ userId, name, email }) => [userId, name ?? email ?? userId]))
  const parts = {
    trialist: asTrialist(company),
    doors: doorsOfCompany(companyId, onChange),
    now: serverNow(),
    nameOf: (userId: string) => names.get(userId) ?? userId,
  }
  const title = company.name ?? companyId
  const people = members.filter(({ leftAt }) => leftAt === null).length + company.beyond
  return (
    <>
      <p class="crumb">
        <a href="#/">Trialists</a>
      </p>
      <div class="row head">
        <div>
          <h1>{title}</h1>
          <p class="quiet">
            {[`${people} ${people === 1 ? 'person' : 'people'}`, company.plan, companyId]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </div>
        <Chip segment={company.segment} />
      </div>
      <div class="grid">
        <Standing trialist={parts.trialist} />
        <TrialClock {...parts} />
        {members[0] && <Billing {...parts} userId={members[0].userId} />}
        <NextMail {...parts} />
        <Milestones trialist={parts.trialist} now={parts.now} />
      </div>
      <Members company={company} now={parts.now} />
      <Decisions {...parts} />
      <Messages {...parts} />
      {isAdmin(session) && <CompanyPrivacy name={title} params={{ companyId }} />}
    </>
  )
}
