import { describe, expect, it } from 'vitest'
import { creditFor } from '../../../../server/domain/metrics/attribution.ts'
import type { Verdict } from '../../../../server/domain/metrics/classify-hit.ts'
import { addCounters, type Counters } from '../../../../server/domain/metrics/counters.ts'
import {
  type Counted,
  mailOutcome,
  type Tracking,
} from '../../../../server/domain/metrics/measure-message.ts'
import { differenceOf, type Evidence, measureTrial } from '../../../../server/domain/metrics/measure-trial.ts'
import { compilePlaybook } from '../../../../server/domain/playbook/compile.ts'
import { defaultPlaybook } from '../../../../server/domain/playbook/default.ts'
import type { Trial } from '../../../../server/domain/trial/model.ts'
import { dayMs, hourMs, minuteMs } from '../../../../shared/clock.ts'
import type { EmailAddress, MessageKey } from '../../../../shared/trial.ts'
import { buildMessage, buildTrial, someTime } from '../../../support/build-trial.ts'

/** One long file: what one trial adds to each metric, the same few people all through. */

const playbook = compilePlaybook(defaultPlaybook, 1)
const trialRule = defaultPlaybook.messages.find((rule) => rule.class === 'trial' && rule.goal === 'upgrade')
if (!trialRule) throw new Error('the default playbook has no upgrade email')

const followed = { opens: 'individual', clicks: 'individual' } as const
const verdict = (patch: Partial<Verdict> = {}): Verdict => ({
  actor: 'human',
  confidence: 'high',
  reasons: [],
  collapsed: false,
  client: 'Gmail',
  device: 'phone',
  ...patch,
})
const open = (at: number, patch?: Partial<Verdict>): Counted => ({
  type: 'open',
  at,
  verdict: verdict(patch),
})
const click = (at: number, verifiedAt: number | null = null): Counted => ({
  type: 'click',
  at,
  verdict: verdict(),
  verifiedAt,
})

const mail = (token: string, sentAt: number) =>
  buildMessage({
    key: `acme:u:user-1/${token}` as MessageKey,
    token,
    ruleId: trialRule.id,
    kind: trialRule.kind,
    sentAt,
    dotAt: sentAt,
  })

function rowsOf(trial: Trial, signals: Record<string, Counted[]>, rest: Partial<Evidence> = {}) {
  return measureTrial(
    trial,
    {
      signalsOf: (token) => signals[token] ?? [],
      trackingOf: () => followed,
      payments: [],
      replyLabels: [],
      ...rest,
    },
    playbook,
    5 * dayMs,
  )
}
const total = (rows: ReturnType<typeof rowsOf>): Counters =>
  Object.values(rows).reduce<Counters>((sum, counters) => addCounters(sum, counters), {})

const person = { email: 'ann@customer.example' as EmailAddress, locale: 'de-AT' }
const first = someTime
const second = someTime + 2 * dayMs
const both = [mail('first', first), mail('second', second)]

const outcomeOf = (signals: readonly Counted[]): Counters =>
  mailOutcome(mail('first', first), signals, { tracking: followed, zone: 'UTC' })?.counters ?? {}

it('an opening is told once, by the request that names a device', () => {
  const counters = outcomeOf([
    open(first + hourMs, { device: 'unknown' }),
    open(first + hourMs + 20_000),
    open(first + hourMs + minuteMs),
  ])
  expect(counters).toMatchObject({
    opensHuman: 1,
    opensKnownDevice: 1,
    opensMobile: 1,
    opensKnownClient: 1,
    'client:Gmail': 1,
  })
})

it('a click of an email that Apple fetched is told apart', () => {
  const fetched = open(first, { actor: 'unknown' })
  expect(outcomeOf([fetched, click(first + hourMs)])).toMatchObject({ openedHuman: 1, openedHumanFetched: 1 })
  expect(outcomeOf([fetched])).toMatchObject({ openedUnknown: 1 })
  expect(outcomeOf([click(first + hourMs)])).not.toHaveProperty('openedHumanFetched')
})

it('a person leaves once, however often they say so', () => {
  const leaving = (at: number): Counted => ({ type: 'unsubscribe', at })
  const trial = buildTrial({ person, outbox: both })
  const rows = rowsOf(trial, {
    first: [leaving(second + 3 * hourMs)],
    second: [leaving(second + hourMs), leaving(second + 2 * hourMs)],
  })
  expect(total(rows).unsubscribed).toBe(1)
  const [row] = Object.entries(rows).find(([, counters]) => counters.unsubscribed) ?? []
  expect(row).toContain(new Date(second).toISOString().slice(0, 10))
})

describe('one email', () => {
  it.each([
    ['opened by a person', [open(first + hourMs)], { openedHuman: 1, opensHuman: 1, opensMobile: 1 }],
    [
      'opened by scrolling',
      [open(first + hourMs), open(first + hourMs + minuteMs)],
      { openedHuman: 1, opensHuman: 1 },
    ],
    ['opened twice', [open(first + hourMs), open(first + 2 * hourMs)], { openedHuman: 1, opensHuman: 2 }],
    ['fetched by Apple', [open(first, { actor: 'unknown' })], { openedUnknown: 1, opensRaw: 1 }],
    ['fetched by a scanner', [open(first, { actor: 'machine' })], { openedMachine: 1, opensRaw: 1 }],
    ['clicked, the picture off', [click(first + hourMs)], { openedHuman: 1, clickedHuman: 1, opensHuman: 1 }],
    [
      'left by complaint',
      [
        { type: 'complaint', at: first },
        { type: 'unsubscribe', at: first },
      ],
      { complained: 1 },
    ],
    ['answered', [{ type: 'reply', at: first, sentiment: 'positive' }], { replied: 1, repliedPositive: 1 }],
    ['answered by a machine', [{ type: 'auto_reply', at: first }], { autoReplied: 1 }],
  ] as [string, Counted[], Counters][])('%s', (_, signals, expected) => {
    const outcome = mailOutcome(mail('first', first), signals, { tracking: followed, zone: 'UTC' })
    const events = Object.fromEntries(
      Object.entries(outcome?.counters ?? {}).filter(
        ([name]) =>
          name in
          {
            openedHuman: 1,
            openedUnknown: 1,
            openedMachine: 1,
            opensHuman: 1,
            clickedHuman: 1,
            unsubscribed: 1,
            complained: 1,
            replied: 1,
            repliedPositive: 1,
            autoReplied: 1,
          },
      ),
    )
    const { opensMobile: _mobile, opensRaw: _raw, ...rest } = expected
    expect(outcome?.counters).toMatchObject(expected)
    expect(events).toEqual(rest)
  })

  it('that comes back is not delivered, and counts nothing else', () => {
    const outcome = mailOutcome(mail('first', first), [{ type: 'hard_bounce', at: first }, open(first)], {
      tracking: followed,
      zone: 'UTC',
    })
    expect(outcome?.counters).toMatchObject({ handed: 1, accepted: 1, bouncedHard: 1 })
    expect(outcome?.counters.delivered).toBeUndefined()
    expect(outcome?.counters.openedMachine).toBeUndefined()
  })
})

describe('viewing time', () => {
  const view = (loadedMs: number | null, patch?: Partial<Verdict>): Counted => ({
    type: 'view_time',
    at: first + hourMs,
    loadedMs,
    verdict: verdict(patch),
  })
  const counted = (signals: Counted[], tracking: Tracking = { ...followed, viewing: 'individual' }) => {
    const { counters } = mailOutcome(mail('first', first), signals, { tracking, zone: 'UTC' }) ?? {}
    return Object.fromEntries(Object.entries(counters ?? {}).filter(([name]) => name.startsWith('view')))
  }

  it.each<[string, Counted, Counters]>([
    ['a glance', view(0), { 'viewed:glance': 1 }],
    ['still a glance', view(1999), { 'viewed:glance': 1 }],
    ['skimmed', view(2000), { 'viewed:skim': 1 }],
    ['still skimmed', view(7999), { 'viewed:skim': 1 }],
    ['read', view(8000), { 'viewed:read': 1 }],
    ['loaded to its end', view(null), { viewsUnmeasured: 1 }],
    [
      'through a proxy, whose connection it was',
      view(3000, { confidence: 'medium' }),
      { viewsUnmeasured: 1 },
    ],
    ['by a machine', view(3000, { actor: 'machine' }), {}],
    ['by who knows whom', view(3000, { actor: 'unknown' }), {}],
    ['a second time in the same moment', view(3000, { collapsed: true }), {}],
  ])('%s', (_, signal, expected) => {
    expect(counted([signal])).toEqual({ viewingTracked: 1, ...expected })
  })

  it('is no opening, and is nothing in an email that was not sent with the picture', () => {
    expect(counted([view(3000)], followed)).toEqual({})
    const outcome = mailOutcome(mail('first', first), [view(9000)], {
      tracking: { ...followed, viewing: 'individual' },
      zone: 'UTC',
    })
    expect(outcome?.counters).not.toHaveProperty('openedHuman')
    expect(outcome).toMatchObject({ reactions: [], hits: [] })
  })
})

describe('a rep’s word on a reply', () => {
  const reply = (at: number, sentiment: string): Counted => ({ type: 'reply', at, sentiment })
  const trial = buildTrial({ person, outbox: both })
  const counted = (signals: Record<string, Counted[]>, replyLabels: Evidence['replyLabels']) => {
    const { replied, repliedPositive, repliedNegative, autoReplied } = total(
      rowsOf(trial, signals, { replyLabels }),
    )
    return { replied, repliedPositive, repliedNegative, autoReplied }
  }
  const said = (at: number, label: 'positive' | 'negative' | 'automatic') => ({ at, label })
  const [early, late] = [first + hourMs, second + hourMs]
  const twice = { first: [reply(early, 'unknown')], second: [reply(late, 'positive')] }

  it.each<[string, Record<string, Counted[]>, Evidence['replyLabels'], Counters]>([
    ['none', twice, [], { replied: 2, repliedPositive: 1 }],
    [
      'positive, of one the rule could not tell',
      { first: [reply(early, 'unknown')] },
      [said(early, 'positive')],
      { replied: 1, repliedPositive: 1 },
    ],
    [
      'negative, of one that sounded positive',
      { first: [reply(early, 'positive')] },
      [said(late, 'negative')],
      { replied: 1, repliedNegative: 1 },
    ],
    [
      'automatic: it is no reply of a person at all',
      { first: [reply(early, 'positive')] },
      [said(early, 'automatic')],
      { autoReplied: 1 },
    ],
    [
      'about the latest reply by then, whichever email it is to',
      twice,
      [said(early + 1, 'negative'), said(late + 1, 'automatic')],
      { replied: 1, repliedNegative: 1, autoReplied: 1 },
    ],
    [
      'taken back: the last word counts',
      { first: [reply(early, 'unknown')] },
      [said(early, 'automatic'), said(early, 'positive')],
      { replied: 1, repliedPositive: 1 },
    ],
    ['before any reply says nothing', twice, [said(first, 'negative')], { replied: 2, repliedPositive: 1 }],
  ])('%s', (_, signals, labels, expected) => {
    const none = { replied: undefined, repliedPositive: undefined, repliedNegative: undefined }
    expect(counted(signals, labels)).toEqual({ ...none, autoReplied: undefined, ...expected })
  })
})

describe('credit', () => {
  const at = someTime + 3 * dayMs
  const outcomes = (signals: Record<string, Counted[]>) =>
    both.flatMap(
      (message) =>
        mailOutcome(message, signals[message.token ?? ''] ?? [], { tracking: followed, zone: 'UTC' }) ?? [],
    )
  const creditOf = (signals: Record<string, Counted[]>, windowMs = 5 * dayMs) => {
    const credit = creditFor(at, outcomes(signals), windowMs)
    return credit && [credit.mail.message.token, credit.by]
  }

  it.each([
    [
      'a verified click before a later email',
      { first: [click(first + hourMs, first + hourMs)] },
      ['first', 'verified'],
    ],
    ['a click of a person before a later email', { first: [click(first + hourMs)] }, ['first', 'utm']],
    ['a campaign link', { first: [{ type: 'campaign', at: first + hourMs }] }, ['first', 'utm']],
    ['the last email when nothing was clicked', {}, ['second', 'email']],
    [
      'the last of two verified clicks',
      { first: [click(first + hourMs, 1)], second: [click(second + hourMs, 1)] },
      ['second', 'verified'],
    ],
    ['no click after the conversion', { second: [click(at + hourMs, 1)] }, ['second', 'email']],
  ] as [string, Record<string, Counted[]>, string[]][])('goes to %s', (_, signals, expected) => {
    expect(creditOf(signals)).toEqual(expected)
  })

  it('ends with the window', () => {
    expect(creditOf({ first: [click(first + hourMs, 1)] }, dayMs + 1)).toEqual(['second', 'email'])
    expect(creditOf({}, hourMs)).toBeNull()
  })
})

describe('what a trial adds', () => {
  it('lies on the day of sending, by language, with conversion and money', () => {
    const trial = buildTrial({
      person,
      outbox: both,
      clock: { convertedAt: second + dayMs, status: 'converted' },
    })
    const payments = [
      { at: second + dayMs, amountMinor: 4900 },
      { at: second + 40 * dayMs, amountMinor: 4900 },
    ]
    const rows = rowsOf(trial, { second: [click(second + hourMs, second + hourMs)] }, { payments })
    const day = new Date(second).toISOString().slice(0, 10)
    expect(rows[`${day}/${trialRule.id}/${trialRule.kind}/0/de-at`]).toMatchObject({
      delivered: 1,
      convertedVerified: 1,
      goal: 1,
      paying: 1,
      revenueMinor: 9800,
    })
    expect(total(rows)).toMatchObject({
      started: 1,
      subscribed: 1,
      converted: 1,
      treated: 1,
      treatedConverted: 1,
    })
  })

  it('knows the control group', () => {
    const decision = {
      at: first,
      ruleId: trialRule.id,
      kind: trialRule.kind,
      outcome: 'held_out',
      why: '',
    } as const
    expect(total(rowsOf(buildTrial({ person, decisions: [decision] }), {}))).toMatchObject({ heldOut: 1 })
    expect(
      total(rowsOf(buildTrial({ person, decisions: [decision], outbox: both }), {})).heldOut,
    ).toBeUndefined()
  })

  it('is nothing for visitors, and a difference leads from one measure to the next', () => {
    expect(rowsOf(buildTrial({ userId: null, anonymousId: 'a' }), {})).toEqual({})
    const before = rowsOf(buildTrial({ person, outbox: both.slice(0, 1) }), {})
    const after = rowsOf(buildTrial({ person, outbox: both }), { first: [open(first + hourMs)] })
    const difference = differenceOf(before, after)
    for (const row of Object.keys({ ...before, ...after }))
      expect(addCounters(before[row] ?? {}, difference[row] ?? {})).toEqual(after[row] ?? {})
    expect(differenceOf(after, after)).toEqual({})
  })
})
