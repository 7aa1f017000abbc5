import { createHash } from 'node:crypto'
import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import { parseEmailAddress, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import type { ActSignal, FeedbackSignal, Signal } from '../../domain/metrics/signal.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { newTrial, reduce } from '../../domain/reducer/reduce.ts'
import { instantOfLocal, localMs } from '../../domain/time/zoned-time.ts'
import type { Command } from '../../domain/trial/command.ts'
import type { Actor, OutboxMessage, TrackedEvent, Trial } from '../../domain/trial/model.ts'
import type { Random } from '../../ports.ts'
import type { LoggedEvent } from '../../storage/port.ts'
import type { SeedPerson } from './people.ts'
import { between } from './random.ts'
import { judged, reactionsTo, toldHit } from './reactions.ts'
import { type Step, type Story, storyOf } from './stories.ts'

/** How a due email of the past is written; null when it cannot be, as on the real way out. */
export type WritePastMail = (
  trial: Trial,
  message: OutboxMessage,
  at: number,
) => Promise<{ token: string; messageId: string; subject: string; variant: number; bodyHash: string } | null>

/** A document of kind `signal`. */
interface PastSignal {
  readonly id: string
  readonly body: Signal
}

export interface SimulatedTrial {
  readonly trial: Trial
  readonly events: readonly LoggedEvent[]
  readonly signals: readonly PastSignal[]
}

interface Life {
  trial: Trial
  readonly events: LoggedEvent[]
  readonly signals: PastSignal[]
  /** What people will have done with emails they got, earliest first. */
  readonly coming: { readonly at: number; readonly command: Command }[]
  readonly playbook: CompiledPlaybook
  readonly write: WritePastMail
  readonly random: Random
  readonly luck: Random
  readonly now: number
  fence: number
}

const system: Actor = { kind: 'api', name: 'Boardly' }
const dana: Actor = { kind: 'rep', name: 'Dana' }

const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll('đ', 'd')
    .replace(/[^a-zA-Z0-9 ]/g, '')
    .trim()
    .toLowerCase()
    .replaceAll(/\s+/g, '.')

const userIdOf = (person: SeedPerson): string =>
  `u_${createHash('sha256').update(person.name).digest('hex').slice(0, 12)}`

function apply(life: Life, command: Command, at: number): boolean {
  const { trial, outcome } = reduce(life.trial, command, life.playbook, at)
  life.trial = trial
  return outcome.ok
}

/** One look of the due loop: what is due is written and counts as sent, without anything leaving. */
async function sendDue(life: Life, at: number): Promise<void> {
  apply(life, { type: 'advance' }, at)
  for (;;) {
    const fence = ++life.fence
    const claimed = reduce(life.trial, { type: 'claim', fence }, life.playbook, at)
    if (!claimed.outcome.ok || !claimed.outcome.message) return
    life.trial = claimed.trial
    const claim = { key: claimed.outcome.message.key, fence }
    const written = await life.write(life.trial, claimed.outcome.message, at)
    if (!written) {
      apply(life, { type: 'block', claim, why: 'It could not be written.' }, at)
      continue
    }
    apply(life, { type: 'prepared', claim, ...written }, at)
    apply(life, { type: 'gate', claim }, at)
    apply(life, { type: 'sent', claim, answer: '250 2.0.0 OK' }, at)
    react(life, at)
  }
}

/** What comes back from the email just sent: kept at once, and known to the trial when its time has come. */
function react({ trial, signals, coming, luck, now }: Life, sentAt: number): void {
  const message = lastSent(trial)
  if (!message) return
  for (const { hit, verdict } of judged(reactionsTo(message, luck), sentAt)) {
    if (hit.at >= now) continue
    const { id, ...raw } = hit
    signals.push({ id, body: { ...raw, verdict, trialId: trial.id, key: message.key } })
    if (verdict.actor === 'human' && (hit.type === 'open' || hit.type === 'click'))
      coming.push({ at: hit.at, command: { type: 'evidence', key: message.key, what: hit.type, at: hit.at } })
  }
  coming.sort((a, b) => a.at - b.at)
}

/** Lets time pass through every due moment, as the running server does. */
async function passTo(life: Life, until: number): Promise<void> {
  for (;;) {
    const { nextAt } = life.trial
    const due = nextAt !== null && nextAt <= until ? nextAt : until
    for (let next = life.coming[0]; next && next.at <= due; next = life.coming[0]) {
      apply(life, next.command, next.at)
      life.coming.shift()
    }
    if (nextAt === null || nextAt > until) return
    await sendDue(life, nextAt)
    // A moment that stays due has nothing more to tell.
    if (life.trial.nextAt !== null && life.trial.nextAt <= nextAt) return
  }
}

function track(life: Life, name: string, times: number, at: number, now: number): void {
  for (let index = 0; index < times; index++) {
    const eventAt = Math.min(at + index * between(life.random, 1, 4) * minuteMs, now)
    const event: TrackedEvent = {
      messageId: `seed-${life.trial.userId}-${life.events.length}`,
      type: name === 'page' ? 'page' : 'track',
      name,
      at: eventAt,
      receivedAt: eventAt,
      verified: true,
      properties: name === 'page' ? { path: '/demo/' } : {},
      traits: {},
    }
    apply(life, { type: 'track', events: [event] }, eventAt)
    const { workspaceId, id: trialId, userId } = life.trial
    life.events.push({ workspaceId, subject: `u:${userId}`, trialId, event })
  }
}

const lastSent = (trial: Trial): OutboxMessage | undefined =>
  trial.outbox.findLast((message) => message.state === 'sent')

function commandOf(step: Exclude<Step, { do: 'track' }>, trial: Trial, at: number): Command | null {
  const message = lastSent(trial)
  switch (step.do) {
    case 'open':
    case 'click':
      return message ? { type: 'evidence', key: message.key, what: step.do, at } : null
    case 'reply':
      return { type: 'replied', key: message?.key ?? null, at }
    case 'unsubscribe':
      return { type: 'suppress', reason: 'unsubscribed' }
    case 'answer':
      return { type: 'answerSurvey', answer: step.answer, comment: null }
    case 'convert':
      return { type: 'convert', plan: 'team', at, by: { kind: 'billing', name: 'Boardly' } }
    case 'extend':
      return {
        type: 'extend',
        id: `seed-${trial.userId}-${at}`,
        days: step.days,
        reason: step.by === 'rep' ? 'Asked for more time' : 'Extended by link',
        note: '',
        by: step.by === 'rep' ? dana : { kind: 'trialist', name: trial.person.name ?? '' },
      }
  }
}

/** Deeds of people that are told by what they wrote or pressed. */
type Said = Omit<ActSignal, 'at' | 'trialId' | 'key'> | Omit<FeedbackSignal, 'at' | 'trialId' | 'key'>

const words: Partial<Record<Step['do'], Said>> = {
  reply: { type: 'reply', detail: '', text: null, sentiment: 'positive' },
  unsubscribe: { type: 'unsubscribe', detail: '' },
  answer: { type: 'survey', detail: '' },
}

function say({ trial, signals }: Life, step: Step, at: number): void {
  const { token, sentAt, key } = lastSent(trial) ?? { token: null, sentAt: null }
  if (!key || token === null) return
  const about = { trialId: trial.id, key }
  if (step.do === 'open' || step.do === 'click') {
    for (const { hit, verdict } of judged([toldHit(token, step.do, at)], sentAt ?? at)) {
      const { id, ...raw } = hit
      signals.push({ id, body: { ...raw, verdict, ...about } })
    }
    return
  }
  const isOwn = step.do === 'extend' && step.by === 'trialist'
  const said: Said | undefined = isOwn ? { type: 'extend', detail: '' } : words[step.do]
  if (said) signals.push({ id: `${token}/seed-${step.do}`, body: { ...said, at, ...about } })
}

function describe(life: Life, person: SeedPerson, story: Story, at: number): void {
  const email = parseEmailAddress(`${slug(person.name)}@${slug(person.company).replaceAll('.', '-')}.example`)
  const { name, locale, timeZone, company, employees } = person
  const traits = { employees, ...story.traits }
  apply(life, { type: 'describe', patch: { email, name, locale, timeZone, company, traits }, by: system }, at)
}

/** Steps of one day follow each other within a working day of the person’s own zone. */
function instantOf(step: Step, index: number, startsAt: number, timeZone: string, random: Random): number {
  const morning = instantOfLocal(localMs(startsAt, timeZone) + step.day * dayMs, timeZone)
  return morning + index * between(random, 8, 20) * minuteMs
}

/** The whole life of one seeded person, told through the same commands that real ones cause. */
export async function simulatePerson(
  person: SeedPerson,
  {
    workspaceId,
    playbook,
    write,
    random,
    luck,
    now,
  }: {
    workspaceId: WorkspaceId
    playbook: CompiledPlaybook
    write: WritePastMail
    random: Random
    /** What becomes of the emails; apart, so that it moves nothing else. */
    luck: Random
    now: number
  },
): Promise<SimulatedTrial> {
  const story = storyOf(person.story, random)
  const today = Math.floor(localMs(now, person.timeZone) / dayMs) * dayMs
  const morning = instantOfLocal(today + 9 * hourMs, person.timeZone) + between(random, 0, 80) * minuteMs
  const startsAt = Math.min(morning - story.startedDaysAgo * dayMs, now - 40 * minuteMs)
  const userId = userIdOf(person)
  const id = trialIdOfUser(workspaceId, userId)
  const trial = newTrial({ id, workspaceId, userId, anonymousId: null }, playbook, startsAt)
  const life: Life = {
    trial,
    events: [],
    signals: [],
    coming: [],
    playbook,
    write,
    random,
    luck,
    now,
    fence: 0,
  }
  describe(life, person, story, startsAt)

  const timed = story.steps
    .map((step, index) => ({ step, at: instantOf(step, index + 1, startsAt, person.timeZone, random) }))
    .filter(({ at }) => at < now)
    .sort((a, b) => a.at - b.at)
  for (const { step, at } of timed) {
    await passTo(life, at)
    if (step.do === 'track') track(life, step.event, step.times, at, now)
    else {
      const command = commandOf(step, life.trial, at)
      if (command && apply(life, command, at)) say(life, step, at)
    }
  }
  await passTo(life, now)
  return { trial: life.trial, events: life.events, signals: life.signals }
}
