import type { Company, Member, Recipient } from './company.ts'
import { blankContact, currentMembers, memberOf } from './members.ts'
import type { Contact, Person, Trial } from './model.ts'

/**
 * A company’s trial as one of its people sees it: its clock, standing and numbers, their name, address, language and
 * what was agreed with them. All that decides about, renders for or checks an email of a person works on that.
 */

const latest = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b))

/** What the product says of the company is true of its people, unless it is said of them otherwise. */
function personIn(company: Person, person: Person): Person {
  return {
    ...person,
    timeZone: person.timeZone ?? company.timeZone,
    locale: person.locale ?? company.locale,
    company: company.company ?? person.company,
    plan: company.plan ?? person.plan,
    traits:
      Object.keys(company.traits).length === 0 ? person.traits : { ...company.traits, ...person.traits },
    traitsAt:
      Object.keys(company.traits).length === 0
        ? person.traitsAt
        : { ...company.traitsAt, ...person.traitsAt },
  }
}

/** A pause, a reply, an email of a rep hold for the whole company; the rest is between us and one person. */
const contactIn = (company: Contact, contact: Contact): Contact => ({
  ...contact,
  suppressed: contact.suppressed ?? company.suppressed,
  repliedAt: latest(company.repliedAt, contact.repliedAt),
  repMailedAt: latest(company.repMailedAt, contact.repMailedAt),
  pausedUntil: latest(company.pausedUntil, contact.pausedUntil),
  silencedAt: company.silencedAt ?? contact.silencedAt ?? null,
})

const everyRule: Recipient['roles'] = {}

/** Whoever has their address has had that email too. */
function lastMailAt({ members }: Company, { person: { email }, contact }: Member): number | null {
  const own = contact?.lastTrialMailAt ?? null
  if (email === null) return own
  return Object.values(members).reduce(
    (last, other) =>
      other.person.email === email ? latest(last, other.contact?.lastTrialMailAt ?? null) : last,
    own,
  )
}

/** @param roles as what they get which emails; see `recipientsIn` */
export function asRecipient(trial: Trial, userId: string, roles: Recipient['roles'] = everyRule): Trial {
  const member = trial.company && memberOf(trial.company, userId)
  if (!member) return trial
  return {
    ...trial,
    userId,
    person: personIn(trial.person, member.person),
    contact: {
      ...contactIn(trial.contact, member.contact ?? blankContact),
      lastTrialMailAt: lastMailAt(trial.company as Company, member),
    },
    survey: member.survey ?? null,
    nudges: member.nudges ?? {},
    outbox: trial.outbox.filter(({ to }) => to === userId),
    decisions: trial.decisions.filter(({ to }) => to === undefined || to === userId),
    recipient: { userId, roles },
  }
}

/** With only what is the member’s own, so that a change of it can be given back, see {@link withOwn}. */
export function asOwn(trial: Trial, { person, contact = blankContact, survey, nudges }: Member): Trial {
  return { ...trial, person, contact, survey: survey ?? null, nudges: nudges ?? {} }
}

/** @param seen by {@link asOwn}, and `after` what became of it: what is the company’s stays with the company */
export function withOwn(trial: Trial, userId: string, seen: Trial, after: Trial): Trial {
  const { company } = trial
  const member = company && memberOf(company, userId)
  if (!company || !member || seen === after) return trial
  const { person, contact, survey, nudges, ...shared } = after
  const changed: Member = {
    ...member,
    person,
    ...(contact !== seen.contact && { contact }),
    ...(survey !== seen.survey && { survey }),
    ...(nudges !== seen.nudges && { nudges }),
  }
  return {
    ...shared,
    person: trial.person,
    contact: trial.contact,
    survey: trial.survey,
    nudges: trial.nudges,
    company: { ...company, members: { ...company.members, [userId]: changed } },
  }
}

/** Everyone an address or an objection of this trial can be of: its person, or each of the company’s people. */
export const peopleIn = (trial: Trial): Trial[] =>
  trial.company && trial.recipient === undefined
    ? currentMembers(trial.company).map(([userId]) => asRecipient(trial, userId))
    : [trial]
