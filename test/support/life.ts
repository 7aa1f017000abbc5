import { type CompiledPlaybook, compilePlaybook } from '../../server/domain/playbook/compile.ts'
import { newTrial, reduce } from '../../server/domain/reducer/reduce.ts'
import type { Command } from '../../server/domain/trial/command.ts'
import type { Actor, OutboxMessage, TrackedEvent, Trial } from '../../server/domain/trial/model.ts'
import { type PlaybookInput, playbookSchema } from '../../shared/playbook.ts'
import { parseEmailAddress, trialIdOfUser, type WorkspaceId } from '../../shared/trial.ts'
import { boardPlaybook } from './board-playbook.ts'
import { deepFreeze } from './freeze.ts'

/** One person’s life with the product, played against the reducer the way the due loop plays it. */

const workspaceId = 'acme' as WorkspaceId
export const api: Actor = { kind: 'api', name: 'server' }
export const dana: Actor = { kind: 'rep', name: 'Dana' }

export const compiled = (change: Partial<PlaybookInput> = {}): CompiledPlaybook =>
  compilePlaybook(playbookSchema.parse({ ...boardPlaybook, ...change }), 1)

export const address = (text: string) => {
  const parsed = parseEmailAddress(text)
  if (!parsed) throw new Error(`${text} is no address`)
  return parsed
}

let made = 0
export const event = (name: string, at: number, more: Partial<TrackedEvent> = {}): TrackedEvent => ({
  messageId: `event-${++made}`,
  type: 'track',
  name,
  at,
  receivedAt: at,
  verified: true,
  properties: {},
  traits: {},
  ...more,
})

/** @param knownAt when its first event was received */
export const trialOf = (
  playbook: CompiledPlaybook,
  now: number,
  userId = 'ann',
  knownAt: number = now,
): Trial =>
  newTrial(
    { id: trialIdOfUser(workspaceId, userId), workspaceId, userId, anonymousId: null },
    playbook,
    now,
    knownAt,
  )

export interface Sent {
  readonly at: number
  readonly message: OutboxMessage
  /** As it was when the final dot went out. */
  readonly trial: Trial
}

/** What the mail server says to the n-th email. */
export type MailServer = (n: number) => 'sent' | 'deferred' | 'failed' | 'unknown' | 'crash'

export interface Life {
  trial: Trial
  now: number
  readonly sent: Sent[]
  readonly wakes: number
  do(command: Command): ReturnType<typeof reduce>['outcome']
  /** Lets time pass up to and including that moment; everything that falls due on the way happens. */
  until(at: number): void
}

const maxWakes = 3000

export function live(
  playbook: CompiledPlaybook,
  start: number,
  {
    server = () => 'sent',
    trial: first = trialOf(playbook, start),
    onWake,
  }: {
    server?: MailServer
    trial?: Trial
    /** Called before each wake-up with the trial and the span in which nothing was to happen. */
    onWake?: (trial: Trial, from: number, to: number) => void
  } = {},
): Life {
  let fence = 0
  let mails = 0
  let wakes = 0
  const life: Life = {
    trial: deepFreeze(first),
    now: start,
    sent: [],
    get wakes() {
      return wakes
    },
    do(command) {
      const { trial, outcome } = reduce(life.trial, deepFreeze(command), playbook, life.now)
      if (trial !== life.trial) life.trial = deepFreeze({ ...trial, version: trial.version + 1 })
      return outcome
    },
    until(at) {
      for (;;) {
        const { nextAt } = life.trial
        if (nextAt === null || nextAt > at) break
        if (++wakes > maxWakes) throw new Error('wakes up again and again')
        onWake?.(life.trial, life.now, nextAt)
        life.now = Math.max(life.now, nextAt)
        wake()
      }
      onWake?.(life.trial, life.now, at)
      life.now = Math.max(life.now, at)
    },
  }

  function wake() {
    life.do({ type: 'advance' })
    for (let round = 0; round < 20; round++) {
      const taken = life.do({ type: 'claim', fence: ++fence })
      if (!taken.ok) return
      if (!taken.message) continue
      send(taken.message)
    }
    throw new Error('is given emails again and again')
  }

  function send(message: OutboxMessage) {
    const claim = { key: message.key, fence }
    const answer = server(mails++)
    if (answer === 'deferred') {
      life.do({ type: 'deferred', claim, answer: '451 later', jitter: 0.5 })
      return
    }
    const before = life.trial
    if (!life.do({ type: 'gate', claim }).ok) return
    life.sent.push({ at: life.now, message, trial: before })
    if (answer === 'sent') life.do({ type: 'sent', claim, answer: '250 ok' })
    if (answer === 'failed') life.do({ type: 'failed', claim, answer: '550 no', class: 'other' })
    if (answer === 'unknown') life.do({ type: 'unknown', claim, answer: 'no answer' })
  }
  return life
}
