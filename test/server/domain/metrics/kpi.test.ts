import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CounterName, mailCounters, peopleCounters } from '../../../../server/domain/metrics/counters.ts'
import {
  differenceInterval,
  isJump,
  poissonTail,
  wilson,
} from '../../../../server/domain/metrics/interval.ts'
import { type KpiInput, kpis } from '../../../../server/domain/metrics/kpi.ts'

const empty: KpiInput = {
  mails: {},
  people: {},
  weeklyUnsubscribes: [],
  meanSubscribers: 0,
  costsMinor: null,
  hasRevenue: false,
  missingRates: [],
  currency: 'EUR',
  hasInbound: true,
  spamScore: null,
  spamScoreAt: null,
  isFiltered: false,
  benchmarks: {},
}

/** 1,000 emails handed over; the sums below are worked out by hand. */
const busy: KpiInput = {
  ...empty,
  mails: {
    targeted: 1100,
    suppressed: 80,
    blocked: 20,
    handed: 1000,
    accepted: 970,
    rejectedHard: 20,
    rejectedSoft: 10,
    bouncedHard: 15,
    bouncedSoft: 5,
    delivered: 950,
    opensTracked: 950,
    clicksTracked: 950,
    openedHuman: 250,
    openedUnknown: 300,
    openedMachine: 100,
    opensHuman: 400,
    opensRaw: 1200,
    opensMobile: 60,
    opensKnownDevice: 150,
    opensKnownClient: 300,
    'client:Gmail': 200,
    'client:Outlook': 100,
    viewingTracked: 900,
    'viewed:glance': 10,
    'viewed:skim': 20,
    'viewed:read': 50,
    viewsUnmeasured: 240,
    clickedHuman: 95,
    clickedVerified: 76,
    clicksHuman: 120,
    clicksRaw: 400,
    'reacted:2-9': 30,
    'reacted:4-14': 10,
    unsubscribed: 19,
    complained: 1,
    replied: 60,
    repliedPositive: 38,
    convertedVerified: 20,
    convertedUtm: 8,
    convertedEmail: 10,
    goal: 57,
    paying: 19,
    revenueMinor: 190_000,
  },
  people: {
    subscribed: 400,
    'lost:unsubscribed': 19,
    'lost:complaint': 1,
    'lost:bounce': 30,
    treated: 900,
    treatedConverted: 90,
    heldOut: 100,
    heldOutConverted: 5,
    mailedInMonth: 500,
    activeInMonth: 200,
    rawActiveInMonth: 450,
    revenueAllMinor: 400_000,
  },
  meanSubscribers: 800,
  costsMinor: 50_000,
  hasRevenue: true,
  spamScore: 9.2,
  spamScoreAt: '2026-03-04T10:00:00.000Z',
}

const byId = (input: KpiInput) => new Map(kpis(input).map((metric) => [metric.id, metric]))
const figureOf = (input: KpiInput, id: string) => {
  for (const metric of kpis(input))
    for (const figure of [metric, ...metric.others]) if (figure.id === id) return figure.value
  throw new Error(`there is no figure ${id}`)
}

describe('the 21 metrics', () => {
  it.each([
    ['open_rate', 250 / 650],
    ['open_rate_raw', 650 / 950],
    ['open_rate_floor', 250 / 950],
    ['mobile_opens', 60 / 150],
    ['opens_per_open', 1.6],
    ['open_times', 40],
    ['bounce_rate', 50 / 1000],
    ['bounce_rate_hard', 35 / 1000],
    ['bounce_rate_soft', 15 / 1000],
    ['reach', 950 / 1100],
    ['clicks', 120],
    ['clicks_raw', 400],
    ['click_rate', 0.1],
    ['ctor', 95 / 250],
    ['ctr_verified', 0.08],
    ['unsubscribes', 19],
    ['unsubscribe_rate', 0.02],
    ['list_growth', 350],
    ['gained_per_lost', 8],
    ['conversion_rate', 0.04],
    ['conversion_verified', 20 / 950],
    ['holdout_lift', 0.05],
    ['goal_rate', 0.06],
    ['purchase_rate', 0.02],
    ['profit', 140_000],
    ['roi', 2.8],
    ['revenue_per_mail', 200],
    ['revenue_per_open', 760],
    ['revenue_per_subscriber', 500],
    ['active_audience', 0.4],
    ['active_audience_raw', 0.9],
    ['viewing_time', 30 / 80],
    ['viewing_time_seen', 80 / 320],
    ['positive_replies', 0.04],
    ['replies', 60 / 950],
    ['spam_score', 9.2],
    ['complaint_rate', 1 / 950],
    ['mail_programs', 200 / 300],
  ])('%s comes to what was worked out by hand', (id, expected) => {
    expect(figureOf(busy, id)).toBeCloseTo(expected, 10)
  })

  it('are numbered 1 to 21', () => {
    expect(kpis(empty).map(({ number }) => number)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1))
  })

  it('show an action or nothing where input is missing, never 0 or infinity', () => {
    const metrics = byId(empty)
    for (const id of ['open_rate', 'click_rate', 'bounce_rate', 'reach', 'conversion_rate'])
      expect(metrics.get(id)).toMatchObject({ value: null, quality: 'not_measurable' })
    expect(metrics.get('profit')?.action).toMatch(/Connect billing/)
    expect(byId({ ...busy, costsMinor: null }).get('profit')).toMatchObject({ value: null })
    expect(byId({ ...busy, costsMinor: null }).get('profit')?.action).toMatch(/Add costs/)
    expect(byId({ ...busy, hasInbound: false }).get('positive_replies')?.action).toMatch(/INBOUND_SMTP_PORT/)
    expect(metrics.get('viewing_time')?.action).toMatch(/^Not measured.*viewing/)
  })

  it('leave out payments that have no rate, and name their currencies', () => {
    const metrics = byId({ ...busy, missingRates: ['EUR', 'JPY'] })
    for (const id of ['purchase_rate', 'profit', 'revenue_per_mail', 'revenue_per_subscriber'])
      expect(metrics.get(id)).toMatchObject({
        value: byId(busy).get(id)?.value,
        action: null,
        alarm: expect.stringContaining('EUR, JPY are left out until'),
      })
    expect(metrics.get('conversion_rate')?.action).toBeNull()
  })

  it('show viewing time by class, and nothing of it where no program let it be seen', () => {
    const { breakdown, benchmark } = byId(busy).get('viewing_time') ?? {}
    expect(breakdown).toEqual([
      { name: 'glance', count: 10, share: 0.125 },
      { name: 'skim', count: 20, share: 0.25 },
      { name: 'read', count: 50, share: 0.625 },
    ])
    expect(benchmark).toMatchObject({ value: 0.25, better: 'below' })
    const hidden = { ...busy, mails: { delivered: 950, viewingTracked: 900, viewsUnmeasured: 240 } }
    expect(byId(hidden).get('viewing_time')).toMatchObject({ value: null, action: null, breakdown: [] })
    expect(figureOf(hidden, 'viewing_time_seen')).toBe(0)
  })

  it('say when the spam score was found, and what to do before there is one', () => {
    expect(byId(busy).get('spam_score')).toMatchObject({
      value: 9.2,
      action: null,
      why: expect.stringContaining('checked on 2026-03-04'),
    })
    expect(byId({ ...busy, spamScore: null, spamScoreAt: null }).get('spam_score')).toMatchObject({
      value: null,
      action: expect.stringMatching(/^Check all emails.*SPAMD_URL/),
    })
    const noted = { ...busy, spamScoreAt: null, hasInbound: false }
    expect(byId(noted).get('spam_score')?.why).toMatch(/^Worst score of the emails, 10 is best\. Set INBOUND/)
  })

  it('say "not measured" where opens and clicks are not tracked', () => {
    const silent = { ...busy, mails: { ...busy.mails, opensTracked: 0, clicksTracked: 0, clicksRaw: 0 } }
    for (const id of ['open_rate', 'clicks', 'click_rate']) {
      expect(byId(silent).get(id)?.value).toBeNull()
      expect(byId(silent).get(id)?.action).toMatch(/Not measured/)
    }
  })

  it('mails that Apple fetched are left out of the open rate on both sides, clicked or not', () => {
    // Of 300 + 50 such emails nothing is known but that 50 were clicked: they would pull the rate up.
    const clicked = { ...busy, mails: { ...busy.mails, openedHumanFetched: 50 } }
    expect(byId(clicked).get('open_rate')).toMatchObject({ numerator: 200, denominator: 600 })
    const floor = byId(clicked)
      .get('open_rate')
      ?.others.find(({ id }) => id === 'open_rate_floor')
    expect(floor).toMatchObject({ numerator: 250, denominator: 950 })
  })

  it('do not tell an open rate when most opens are fetched by machines alone', () => {
    const hidden = { ...busy, mails: { ...busy.mails, openedUnknown: 600 } }
    expect(byId(hidden).get('open_rate')).toMatchObject({ value: null, quality: 'not_measurable' })
    expect(byId(hidden).get('open_rate')?.why).toMatch(/Not enough evidence/)
  })

  it('warn of few cases, of a jump in opt-outs and of complaints', () => {
    const few = { ...busy, mails: { delivered: 10, unsubscribed: 1 } }
    expect(byId(few).get('unsubscribe_rate')?.why).toMatch(/too few to rely on/)
    expect(
      byId({ ...busy, weeklyUnsubscribes: [2, 1, 2, 3, 2, 2, 1, 2, 20] }).get('unsubscribes')?.alarm,
    ).toMatch(/20/)
    expect(
      byId({ ...busy, weeklyUnsubscribes: [2, 1, 2, 3, 2, 2, 1, 2, 3] }).get('unsubscribes')?.alarm,
    ).toBeNull()
    expect(byId(busy).get('spam_score')?.alarm).toMatch(/0.1 %/)
  })

  it('take benchmarks from the playbook before their own', () => {
    expect(byId({ ...busy, benchmarks: { ctor: 0.1 } }).get('click_rate')?.benchmark).toMatchObject({
      value: 0.1,
      source: 'your playbook',
    })
  })

  it('stay finite and inside their intervals whatever is counted', () => {
    const names: CounterName[] = [...mailCounters, ...peopleCounters]
    const counters = fc.dictionary(fc.constantFrom(...names), fc.nat(100_000))
    fc.assert(
      fc.property(
        counters,
        counters,
        fc.boolean(),
        fc.option(fc.nat(1_000_000)),
        (mails, people, flag, costsMinor) => {
          const metrics = kpis({ ...empty, mails, people, costsMinor, hasRevenue: flag, isFiltered: !flag })
          for (const figure of metrics.flatMap((metric) => [metric, ...metric.others])) {
            if (figure.value === null) continue
            expect(Number.isFinite(figure.value)).toBe(true)
            if (figure.interval && figure.value >= 0 && figure.value <= 1) {
              expect(figure.interval.low).toBeLessThanOrEqual(figure.value + 1e-9)
              expect(figure.interval.high).toBeGreaterThanOrEqual(figure.value - 1e-9)
            }
          }
          for (const { action, value } of metrics) if (action !== null) expect(value).toBeNull()
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('intervals', () => {
  it.each([
    // Wilson 95 %, from the tables of Newcombe (1998), table I.
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('Wilson of %i in %i', (successes, n, low, high) => {
    const interval = wilson(successes, n)
    expect(interval?.low).toBeCloseTo(low, 3)
    expect(interval?.high).toBeCloseTo(high, 3)
  })

  it('Newcombe’s difference of 56/70 and 48/80', () => {
    const interval = differenceInterval(56, 70, 48, 80)
    expect(interval?.low).toBeCloseTo(0.0524, 3)
    expect(interval?.high).toBeCloseTo(0.3339, 3)
  })

  it('knows a Poisson tail and a jump', () => {
    expect(poissonTail(3, 1)).toBeCloseTo(1 - Math.exp(-1) * 2.5, 10)
    expect(isJump(9, [2, 2, 2, 2])).toBe(true)
    expect(isJump(4, [2, 2, 2, 2])).toBe(false)
    expect(isJump(100, [2, 2])).toBe(false)
  })
})
