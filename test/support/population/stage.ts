import type { Person } from './cast.ts'
import type { Chance } from './chance.ts'
import { chanceOf } from './chance.ts'
import type { Ledger } from './ledger.ts'
import type { Letter } from './letter.ts'
import { roughly, type Timeline } from './timeline.ts'
import type { Seen, Visit, Web } from './web.ts'

/** A mail to the server’s own mailbox, sent by SMTP. */
interface Dispatch {
  readonly from: string
  readonly to: string
  readonly raw: string
}

/** Everything an actor may touch: the clock on the wall, the web, the post, and the ledger they write their deeds into. */
export interface Stage {
  readonly seed: number
  readonly now: () => number
  readonly timeline: Timeline
  readonly ledger: Ledger
  readonly web: Web
  readonly url: string
  readonly writeKey: string
  /** The customer’s own server says who is signed in. */
  sign(userId: string): Promise<string>
  readonly currency: string
  /** The customer’s own server speaks to the API. @throws when the answer is not 2xx. */
  api(method: string, path: string, body?: unknown): Promise<unknown>
  /** @returns what the server’s mailbox said to the final dot. */
  dispatch(mail: Dispatch): Promise<string>
}

export const chanceFor = ({ seed }: Stage, { person, kind }: Letter, part: string): Chance =>
  chanceOf(seed, part, person.userId, kind)

/** Something happens about so long after the mail came. */
export const afterwards = (stage: Stage, letter: Letter, spanMs: number, act: () => Promise<void>): void =>
  stage.timeline.at(letter.acceptedAt + roughly(spanMs), act)

/** Whether this person’s opens and clicks may still be written down. */
export function isFollowed({ ledger, now }: Stage, person: Person): boolean {
  const { withdrewAt } = ledger.lifeOf(person)
  return withdrewAt === null || withdrewAt > now()
}

export async function ask(stage: Stage, visit: Visit): Promise<Seen> {
  stage.ledger.counts.requests++
  const seen = await stage.web.visit(visit)
  if (seen.status >= 400) throw new Error(`${visit.method ?? 'GET'} ${visit.url} answered ${seen.status}`)
  return seen
}

/** Asks for the picture, and counts that it was asked for. */
export async function fetchPixel(
  stage: Stage,
  letter: Letter,
  visit: Pick<Visit, 'agent' | 'address' | 'method'>,
): Promise<void> {
  if (letter.pixel === null) return
  if (isFollowed(stage, letter.person)) stage.ledger.fateOf(letter).rawOpens++
  await ask(stage, { url: letter.pixel, ...visit })
}

/** Follows a link of the mail, and counts that it was followed. */
export async function followLink(
  stage: Stage,
  letter: Letter,
  url: string,
  visit: Pick<Visit, 'agent' | 'address' | 'method'>,
): Promise<Seen> {
  if (isFollowed(stage, letter.person)) stage.ledger.fateOf(letter).rawClicks++
  return ask(stage, { url, ...visit })
}
