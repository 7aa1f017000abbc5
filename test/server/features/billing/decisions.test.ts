import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Agreement,
  isSameEnd,
  noAgreement,
  type Truth,
  wantedEnd,
} from '../../../../server/domain/billing/agreement.ts'
import { decideBilling } from '../../../../server/domain/billing/decide.ts'
import { unknownMrr } from '../../../../server/domain/billing/mrr.ts'
import { nextAttemptAt } from '../../../../server/domain/billing/retry.ts'
import {
  type BillingSubscription,
  type Money,
  noMoney,
} from '../../../../server/domain/billing/subscription.ts'
import { compilePlaybook } from '../../../../server/domain/playbook/compile.ts'
import { defaultPlaybook } from '../../../../server/domain/playbook/default.ts'
import { reduce } from '../../../../server/domain/reducer/reduce.ts'
import type { Actor, Extension, Trial } from '../../../../server/domain/trial/model.ts'
import { dayMs, minuteMs } from '../../../../shared/clock.ts'
import { buildTrial, someTime } from '../../../support/build-trial.ts'
import { deepFreeze } from '../../../support/freeze.ts'

/** One long file: every situation of a trial and its subscription, read as one table. */

const playbook = compilePlaybook(defaultPlaybook, 1)
const by: Actor = { kind: 'billing', name: 'stripe' }
const now = someTime + dayMs
const day = (n: number) => someTime + n * dayMs

const subscription = (patch: Partial<BillingSubscription> = {}): BillingSubscription => ({
  ref: 'sub_1',
  userId: 'user-1',
  email: null,
  status: 'trialing',
  isFree: false,
  proof: 'unknown',
  customerRef: null,
  pausedAt: null,
  cancelsAt: null,
  products: [],
  mrr: unknownMrr,
  startedAt: someTime,
  trialEndsAt: day(14),
  endedAt: null,
  activatedAt: null,
  planId: 'price_team',
  currency: 'usd',
  version: null,
  ...patch,
})

const extension = (patch: Partial<Extension>): Extension => ({
  id: 'e1',
  at: now,
  days: 7,
  before: day(14),
  after: day(21),
  by: { kind: 'rep', name: 'Dana' },
  reason: 'asked',
  note: '',
  undoneAt: null,
  cycleBefore: 0,
  quotedBefore: null,
  ...patch,
})

const endingAt = (endsAt: number | null, extensions: Extension[] = []): Trial =>
  buildTrial({ clock: { endsAt, extensions } })
const extended = endingAt(day(21), [extension({})])

const decide = (
  trial: Trial,
  theirs: BillingSubscription,
  agreement: Partial<Agreement> = {},
  shortens = true,
  more: { truth?: Truth; money?: Partial<Money>; at?: number } = {},
) =>
  decideBilling(
    deepFreeze({
      trial,
      subscription: theirs,
      agreement: { ...noAgreement, ...agreement },
      shortens,
      truth: more.truth ?? 'later',
      money: { ...noMoney, ...more.money },
      by,
      now: more.at ?? now,
    }),
  )

const agreed = { endsAt: day(14) }

/** What the trial’s end is after the decision. */
function endAfter(trial: Trial, decision: ReturnType<typeof decide>): number | null {
  let result = trial
  for (const command of decision.commands) {
    const step = reduce(result, command, playbook, now)
    expect(step.outcome.ok).toBe(true)
    result = step.trial
  }
  return result.clock.endsAt
}

describe('while the subscription is in trial', () => {
  test.each<[string, Trial, number, Partial<Agreement>, number | null, number | null]>([
    // name, trial, their end, agreement → end here, end told to them
    ['both are the same', endingAt(day(14)), day(14), agreed, day(14), null],
    ['they differ by a minute', endingAt(day(14)), day(14) + minuteMs, agreed, day(14), null],
    ['they moved', endingAt(day(14)), day(20), agreed, day(20), null],
    ['they moved earlier', endingAt(day(14)), day(9), agreed, day(9), null],
    ['first seen', endingAt(day(14)), day(30), {}, day(30), null],
    ['a free plan gets an end', endingAt(null), day(30), {}, day(30), null],
    ['a rep extended', extended, day(14), agreed, day(21), day(21)],
    ['a rep extended, echo of it', extended, day(21) - 500, agreed, day(21), null],
    ['a rep extended, first seen', extended, day(14), {}, day(21), day(21)],
    ['both moved, ours is later', extended, day(16), agreed, day(21), day(21)],
    ['both moved, theirs is later', extended, day(30), agreed, day(30), null],
    [
      'extended, agreed, then they moved back: no taking back',
      extended,
      day(14),
      { endsAt: day(21) },
      day(21),
      null,
    ],
    [
      'undone',
      endingAt(day(14), [extension({ undoneAt: now })]),
      day(21),
      { endsAt: day(21) },
      day(14),
      day(14),
    ],
    [
      'undone before it was told',
      endingAt(day(14), [extension({ undoneAt: now })]),
      day(14),
      agreed,
      day(14),
      null,
    ],
    [
      'refused before',
      extended,
      day(14),
      { ...agreed, refused: { endsAt: day(21), why: 'no' } },
      day(21),
      null,
    ],
    [
      'refused before, now they moved, earlier than what was granted',
      extended,
      day(18),
      { ...agreed, refused: { endsAt: day(21), why: 'no' } },
      day(21),
      null,
    ],
    [
      'an extension that billing itself made',
      endingAt(day(21), [extension({ by })]),
      day(14),
      agreed,
      day(21),
      null,
    ],
  ])('%s', (_, trial, trialEndsAt, agreement, endsAt, push) => {
    const decision = decide(trial, subscription({ trialEndsAt }), agreement)
    expect(decision.push).toBe(push)
    expect(isSameEnd(endAfter(trial, decision), endsAt)).toBe(true)
  })

  test('an end before our own beginning takes the beginning along', () => {
    const trial = endingAt(day(14))
    const early = subscription({ trialEndsAt: someTime - dayMs, startedAt: someTime - 10 * dayMs })
    expect(endAfter(trial, decide(trial, early))).toBe(someTime - dayMs)
  })

  test('an end in less than half an hour is not sent, and why is kept', () => {
    const soon = now + 20 * minuteMs
    const trial = endingAt(soon, [extension({ before: soon, undoneAt: now })])
    const decision = decide(trial, subscription({ trialEndsAt: day(21) }), { endsAt: day(21) })
    expect(decision.push).toBeNull()
    expect(decision.agreement.refused).toMatchObject({
      endsAt: soon,
      why: expect.stringContaining('30 minutes'),
    })
  })

  test('an undo is reported where the provider cannot shorten', () => {
    const trial = endingAt(day(14), [extension({ undoneAt: now })])
    const decision = decide(trial, subscription({ trialEndsAt: day(21) }), { endsAt: day(21) }, false)
    expect(decision).toMatchObject({ push: null, agreement: { refused: { endsAt: day(14) } } })
  })
})

describe('a subscription that is not in trial', () => {
  test.each(['active', 'past_due', 'paused', 'canceled', 'expired'] as const)(
    'is never extended: %s',
    (status) => {
      const decision = decide(extended, subscription({ status, endedAt: now }), agreed)
      expect(decision.push).toBeNull()
      expect(decision.agreement.refused?.endsAt).toBe(day(21))
    },
  )

  test('converts once when it is active', () => {
    const trial = endingAt(day(14))
    const active = subscription({ status: 'active', activatedAt: now + dayMs })
    const decision = decide(trial, active, agreed)
    expect(decision.commands).toEqual([{ type: 'convert', plan: 'price_team', at: someTime, by }])
    const converted = buildTrial({ clock: { status: 'converted', convertedAt: now } })
    expect(decide(converted, active, agreed).commands).toEqual([])
  })

  test.each<Partial<BillingSubscription>>([
    { status: 'active', isFree: true },
    { status: 'active', proof: 'unpaid' },
    { status: 'past_due' },
  ])('does not convert: %j', (theirs) => {
    expect(decide(endingAt(day(14)), subscription(theirs), agreed).commands).toEqual([])
  })

  test.each(['pending', 'void'] as const)('says nothing while it is %s', (status) => {
    const theirs = subscription({ status, endedAt: day(0), trialEndsAt: day(0) })
    expect(decide(extended, theirs, agreed)).toEqual({
      commands: [],
      push: null,
      agreement: { ...noAgreement, ...agreed },
    })
  })

  describe('converts by money or for the time being', () => {
    const converted = (at: number) => buildTrial({ clock: { status: 'converted', convertedAt: at } })
    const later = { at: day(20) }
    const active = subscription({ status: 'active' })

    test.each<[string, Partial<BillingSubscription>, Partial<Money>, number]>([
      ['at the end of the trial, however late it is read', {}, {}, day(14)],
      ['at the first payment', {}, { firstPaidAt: day(15), hasPaid: true }, day(15)],
      ['at its activation', { activatedAt: day(13) }, {}, day(13)],
      ['at its start without a trial', { trialEndsAt: null }, {}, someTime],
      ['by money, also where its last attempt failed', {}, { hasPaid: true, failedAt: day(16) }, day(14)],
    ])('%s', (_, theirs, money, at) => {
      const decision = decide(endingAt(day(14)), { ...active, ...theirs }, agreed, true, { ...later, money })
      expect(decision.commands).toEqual([{ type: 'convert', plan: 'price_team', at, by }])
      expect(decision.agreement.isProvisional).toBe(!money.hasPaid)
    })

    test.each<[string, Partial<BillingSubscription>, Partial<Money>]>([
      ['is overdue', { status: 'past_due' }, {}],
      ['has an open first invoice', { status: 'active', proof: 'unpaid' }, {}],
      ['failed to pay', { status: 'active' }, { failedAt: day(15) }],
      ['was canceled', { status: 'canceled', endedAt: day(18) }, {}],
      ['ran out', { status: 'expired', endedAt: day(18) }, {}],
      ['is paused', { status: 'paused', pausedAt: day(14) }, {}],
    ])('is taken back when it never paid and %s', (_, theirs, money) => {
      const provisional = { ...agreed, isProvisional: true }
      const back = decide(converted(day(14)), subscription(theirs), provisional, true, { ...later, money })
      expect(back.commands).toEqual([{ type: 'takeBackConversion', by }])
      expect(back.agreement.isProvisional).toBe(false)
      const paid = { ...later, money: { ...money, hasPaid: true } }
      expect(decide(converted(day(14)), subscription(theirs), provisional, true, paid).commands).toEqual([])
      expect(decide(converted(day(14)), subscription(theirs), agreed, true, later).commands).toEqual([])
    })

    test('a customer of months who leaves has been one', () => {
      const gone = subscription({ status: 'canceled', endedAt: day(200) })
      const provisional = { ...agreed, isProvisional: true }
      expect(decide(converted(day(14)), gone, provisional, true, { at: day(200) }).commands).toEqual([])
    })

    test('a paying customer given a free month stays converted', () => {
      const free = subscription({ trialEndsAt: day(60) })
      expect(decide(converted(day(1)), free, { isProvisional: true }).commands).toEqual([])
    })

    test('another plan is noted when the subscription changes to it, not over the team’s own word', () => {
      const [plain, changed] = ['price_team', 'price_big'].map((planId) =>
        decide(converted(day(1)), { ...active, planId }, { ...agreed, planId: 'price_team' }),
      )
      expect(plain?.commands).toEqual([])
      expect(changed?.commands).toMatchObject([{ type: 'convert', plan: 'price_big' }])
    })
  })

  test.each<[string, Partial<BillingSubscription>, number]>([
    ['paused without a card', { status: 'paused', pausedAt: day(3), trialEndsAt: day(3) }, day(3)],
    ['paused, no one says when', { status: 'paused' }, day(4)],
    ['ended early, card declined', { status: 'past_due', trialEndsAt: day(3) }, day(3)],
    ['ended early, nothing paid so far', { status: 'active', proof: 'unpaid', trialEndsAt: day(3) }, day(3)],
    ['overdue at its proper end', { status: 'past_due', trialEndsAt: day(14) }, day(14)],
  ])('ends the trial where it ended there: %s', (_, theirs, end) => {
    const trial = endingAt(day(14))
    expect(endAfter(trial, decide(trial, subscription(theirs), agreed, true, { at: day(4) }))).toBe(end)
  })

  test('one that ended before this trial began, or never had a trial, does not end it', () => {
    const trial = endingAt(day(14))
    const old = subscription({ status: 'canceled', endedAt: day(-30), trialEndsAt: day(-60) })
    expect(decide(trial, old).commands).toEqual([])
    const bought = subscription({ status: 'canceled', endedAt: now - 1, trialEndsAt: null })
    expect(decide(trial, bought).commands).toEqual([])
  })

  test('ends the trial when it was canceled earlier, and never moves an end later', () => {
    const trial = endingAt(day(14))
    const canceled = (endedAt: number) => subscription({ status: 'canceled', endedAt })
    expect(endAfter(trial, decide(trial, canceled(day(1)), agreed))).toBe(day(1))
    expect(decide(trial, canceled(day(15)), agreed).commands).toEqual([])
    const freemium = endingAt(null)
    expect(decide(freemium, canceled(day(1)), agreed).commands).toEqual([])
  })
})

describe('a granted extension', () => {
  const pushed = { endsAt: day(21) }
  test.each<[string, Partial<BillingSubscription>]>([
    ['is moved back', { trialEndsAt: day(14) }],
    ['is paused', { status: 'paused', pausedAt: day(1) - minuteMs }],
    ['is canceled', { status: 'canceled', endedAt: day(1) - minuteMs }],
    ['is past due', { status: 'past_due', trialEndsAt: day(1) - minuteMs }],
  ])('is not taken back when the subscription %s, and the team hears of it', (_, theirs) => {
    const decision = decide(extended, subscription(theirs), pushed)
    expect(endAfter(extended, decision)).toBe(day(21))
    expect(decision.push).toBeNull()
    expect(decision.agreement.refused).toMatchObject({
      endsAt: day(21),
      why: expect.stringContaining('granted here and stays'),
    })
    const again = decide(extended, subscription(theirs), decision.agreement)
    expect([again.commands, again.push]).toEqual([[], null])
    const decides = decide(extended, subscription(theirs), pushed, true, { truth: 'billing' })
    expect(endAfter(extended, decides)).not.toBe(day(21))
  })

  test.each<[string, number | null, boolean]>([
    ['no cancellation', null, true],
    ['one after the new end', day(30), true],
    ['one at the new end', day(21), true],
    ['one before the new end', day(20), false],
    ['one at the old end', day(14), false],
  ])('is sent with %s: %s %s', (_, cancelsAt, isSent) => {
    const decision = decide(extended, subscription({ cancelsAt }), agreed)
    expect(decision.push).toBe(isSent ? day(21) : null)
    if (isSent) return
    const { agreement } = decision
    expect(agreement.refused).toMatchObject({ endsAt: day(21), why: expect.stringContaining('canceled on') })
    expect(decide(extended, subscription({ cancelsAt }), agreement).push).toBeNull()
    for (const later of [null, day(40)])
      expect(decide(extended, subscription({ cancelsAt: later }), agreement).push).toBe(day(21))
  })

  test('is sent again once someone asks for it', () => {
    const { agreement } = decide(extended, subscription(), pushed)
    expect(decide(extended, subscription(), { ...agreement, refused: null }).push).toBe(day(21))
  })
})

test('where our word holds, a date moved there is put back', () => {
  const ours = { truth: 'trialpace' } as const
  const decision = decide(endingAt(day(14)), subscription({ trialEndsAt: day(20) }), agreed, true, ours)
  expect(decision).toMatchObject({ commands: [], push: day(14) })
  const over = subscription({ status: 'paused', pausedAt: day(1) - minuteMs })
  expect(decide(endingAt(day(14)), over, agreed, true, ours).commands).toEqual([])
})

test('an answer older than one already acted on changes nothing', () => {
  const decision = decide(endingAt(day(21)), subscription({ version: 4 }), { endsAt: day(21), version: 5 })
  expect(decision).toEqual({
    commands: [],
    push: null,
    agreement: { endsAt: day(21), refused: null, version: 5 },
  })
})

test('a word about dates from a host whose clock is ahead does not hide the provider’s', () => {
  const trial = buildTrial({ person: { traitsAt: { '@trial': now + 5 * minuteMs } } })
  expect(endAfter(trial, decide(trial, subscription({ trialEndsAt: day(20) }), agreed))).toBe(day(20))
})

test('a trial that moved meanwhile is not overwritten', () => {
  const [command] = decide(endingAt(day(14)), subscription({ trialEndsAt: day(20) }), agreed).commands
  const step = reduce(extended, command as never, playbook, now)
  expect(step).toMatchObject({ trial: extended, outcome: { ok: false, reason: 'conflict' } })
})

test('whatever the state, deciding again after it was carried out changes nothing more', () => {
  const end = fc.integer({ min: 2, max: 40 }).map(day)
  const maybe = fc.option(end, { nil: null })
  fc.assert(
    fc.property(end, fc.boolean(), end, maybe, fc.boolean(), (ours, isOurs, theirs, endsAt, shortens) => {
      const trial = endingAt(ours, isOurs ? [extension({ after: ours })] : [])
      const first = decide(trial, subscription({ trialEndsAt: theirs }), { endsAt }, shortens)
      const moved = { ...trial, clock: { ...trial.clock, endsAt: endAfter(trial, first) } }
      const told = first.push ?? theirs
      const agreement = first.push === null ? first.agreement : { ...first.agreement, endsAt: first.push }
      const second = decide(moved, subscription({ trialEndsAt: told }), agreement, shortens)
      expect(second).toMatchObject({ commands: [], push: null })
    }),
    { numRuns: 500 },
  )
})

test('only an end that people here gave is theirs', () => {
  expect(wantedEnd(endingAt(day(14)))).toBeNull()
  expect(wantedEnd(extended)).toBe(day(21))
  expect(wantedEnd(endingAt(day(22), [extension({})]))).toBeNull()
})

test('retries come later each time, spread, and stop after two days', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8].map(
    (failures) => (nextAttemptAt(failures, 0, 0.5) as number) / minuteMs,
  )
  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  expect(nextAttemptAt(9, 0, 0.5)).toBeNull()
  expect(nextAttemptAt(2, 0, 0)).toBe(48_000)
  expect(nextAttemptAt(2, 0, 1)).toBe(72_000)
})
