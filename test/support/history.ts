import fc from 'fast-check'
import type { Command } from '../../server/domain/trial/command.ts'
import { dayMs, hourMs, minuteMs } from '../../shared/clock.ts'
import { address, api, dana, event, type Life } from './life.ts'
import { testZones } from './wall-clock.ts'

/** Something that happens to a person, so long after the thing before. */
export interface Step {
  readonly afterMs: number
  readonly what: What
}

type What =
  | { readonly do: 'track'; readonly name: string }
  | { readonly do: 'extend'; readonly days: number }
  | { readonly do: 'undo' }
  | { readonly do: 'setEnd'; readonly days: number }
  | {
      readonly do:
        | 'convert'
        | 'suppress'
        | 'unsuppress'
        | 'reply'
        | 'repMail'
        | 'consent'
        | 'address'
        | 'noAddress'
    }
  | { readonly do: 'pause'; readonly hours: number }
  | { readonly do: 'zone'; readonly zone: string }
  | { readonly do: 'survey'; readonly answer: string }
  | { readonly do: 'traits'; readonly competitor: boolean }
  | { readonly do: 'skip'; readonly ruleId: string }

const eventNames = ['Board Created', 'Teammate Invited', 'Card Completed', 'Automation Attempted', 'Login']
const answers = ['price', 'time', 'missing', 'not_needed']

const what: fc.Arbitrary<What> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('track' as const), name: fc.constantFrom(...eventNames) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('extend' as const), days: fc.integer({ min: 1, max: 14 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'undo' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('setEnd' as const), days: fc.integer({ min: -3, max: 20 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'suppress' as const,
        'unsuppress' as const,
        'reply' as const,
        'repMail' as const,
        'consent' as const,
        'address' as const,
        'address' as const,
        'noAddress' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'convert' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('pause' as const), hours: fc.integer({ min: 1, max: 72 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('zone' as const), zone: fc.constantFrom(...testZones) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('survey' as const), answer: fc.constantFrom(...answers) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('traits' as const), competitor: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('skip' as const),
      ruleId: fc.constantFrom('upgrade-now', 'expiring-passive-3d', 'step-2'),
    }),
  },
)

const step: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(
    fc.integer({ min: 0, max: 180 }).map((n) => n * minuteMs),
    fc.integer({ min: 0, max: 100 }).map((n) => n * hourMs),
    fc.integer({ min: 0, max: 10 * 24 * 60 }).map((n) => n * minuteMs),
  ),
  what,
})

export interface History {
  readonly startsAt: number
  readonly zone: string
  readonly steps: readonly Step[]
}

const periodStart = Date.UTC(2025, 0, 1)

export const history = (maxLength = 12): fc.Arbitrary<History> =>
  fc.record({
    startsAt: fc.integer({ min: 0, max: 2 * 365 * 24 * 60 }).map((n) => periodStart + n * minuteMs),
    zone: fc.constantFrom(...testZones),
    steps: fc.array(step, { maxLength }),
  })

/** @returns null when the thing has no sense at this point. */
function commandOf(happening: What, { trial, now }: Life, id: number): Command | null {
  switch (happening.do) {
    case 'track':
      return { type: 'track', events: [event(happening.name, now)] }
    case 'extend':
      return { type: 'extend', id: `x${id}`, days: happening.days, reason: 'r', note: '', by: dana }
    case 'undo': {
      const last = trial.clock.extensions.at(-1)
      return last ? { type: 'undoExtension', id: last.id, by: dana } : null
    }
    case 'setEnd':
      return {
        type: 'describe',
        patch: { trial: { endsAt: Math.max(trial.clock.startsAt + 1, now + happening.days * dayMs) } },
        by: api,
      }
    case 'convert':
      return { type: 'convert', plan: 'team', at: now, by: api }
    case 'suppress':
      return { type: 'suppress', reason: 'unsubscribed' }
    case 'unsuppress':
      return { type: 'unsuppress' }
    case 'reply':
      return { type: 'replied', key: null, at: now }
    case 'repMail':
      return { type: 'repMailed', at: now }
    case 'consent':
      return { type: 'describe', patch: { consent: { mail: id % 3 !== 0 } }, by: api }
    case 'address':
      return { type: 'describe', patch: { email: address(`ann${id}@example.com`) }, by: api }
    case 'noAddress':
      return { type: 'describe', patch: { email: null }, by: api }
    case 'pause':
      return { type: 'pause', until: now + happening.hours * hourMs }
    case 'zone':
      return { type: 'describe', patch: { timeZone: happening.zone }, by: api }
    case 'survey':
      return { type: 'answerSurvey', answer: happening.answer, comment: null }
    case 'traits':
      return { type: 'describe', patch: { traits: { competitor: happening.competitor } }, by: api }
    case 'skip':
      return { type: 'skipNext', ruleId: happening.ruleId, by: dana }
  }
}

/** Plays the steps; the address is known from the start, so that most lives get mails. */
export function play(life: Life, { zone, steps }: History, between?: (life: Life) => void): void {
  life.do({ type: 'describe', patch: { email: address('ann@example.com'), timeZone: zone }, by: api })
  steps.forEach(({ afterMs, what: happening }, index) => {
    life.until(life.now + afterMs)
    between?.(life)
    const command = commandOf(happening, life, index)
    if (command) life.do(command)
  })
}
