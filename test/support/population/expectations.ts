import { breakdownOf, figureOf, type Report } from './figures.ts'
import type { Share, Truth } from './truth.ts'

/** What the API says of the population beside what it must say. */
export interface Comparison {
  readonly figure: string
  readonly shown: unknown
  readonly truth: unknown
}

/** All but the cost of the period comes from the actors. */
export const costsMinor = 50_000
export const spamScore = 9.4

/**
 * Figures that have to be right to the last mail. Only two things may hide from the server by design, and the truth
 * leaves them out here as the definitions do: openings that ask for nothing (Apple’s proxies fetched the picture long
 * before; pictures are off), and whatever people do after they have withdrawn their consent.
 */
const sharesOf = (truth: Truth): Readonly<Record<string, Share>> => ({
  open_rate: truth.openRate,
  open_rate_raw: truth.rawOpenRate,
  open_rate_floor: truth.openRateFloor,
  mobile_opens: truth.mobileOpens,
  mobile_clicks: truth.mobileClicks,
  opens_per_open: truth.opensPerOpen,
  bounce_rate: truth.bounces,
  bounce_rate_hard: truth.hardBounces,
  bounce_rate_soft: truth.softBounces,
  reach: { numerator: truth.waterfall.delivered, denominator: truth.waterfall.targeted },
  click_rate: truth.clickRate,
  ctr_verified: truth.verifiedRate,
  ctor: truth.clicksToOpens,
  unsubscribe_rate: { numerator: truth.unsubscribes, denominator: truth.delivered },
  complaint_rate: { numerator: truth.complaints, denominator: truth.delivered },
  conversion_rate: truth.conversions,
  conversion_verified: truth.conversionsVerified,
  conversion_of_clicks: truth.conversionsOfClicks,
  goal_rate: truth.goals,
  purchase_rate: truth.purchases,
  revenue_per_mail: truth.revenuePerMail,
  revenue_per_open: truth.revenuePerOpen,
  active_audience: truth.audience,
  positive_replies: truth.positiveReplies,
  replies: truth.replies,
})

const valuesOf = (truth: Truth): Readonly<Record<string, number>> => ({
  clicks: truth.clicks,
  clicks_raw: truth.rawClicks,
  unsubscribes: truth.unsubscribes,
  complaints_count: truth.complaints,
  list_growth: truth.gained - truth.lost.unsubscribed - truth.lost.complaint - truth.lost.bounce,
  profit: truth.revenueMinor - costsMinor,
  roi: (truth.revenueMinor - costsMinor) / costsMinor,
  revenue_per_subscriber: truth.revenuePerSubscriber,
  spam_score: spamScore,
  open_times: [...truth.reactionHours.values()].reduce((sum, n) => sum + n, 0),
})

const breakdownsOf = (truth: Truth): Readonly<Record<string, Readonly<Record<string, number>>>> => ({
  reach: truth.waterfall,
  list_growth: { ...truth.lost, manual: 0 },
  conversion_rate: truth.conversionsBy,
  mail_programs: Object.fromEntries(truth.programs),
  open_times: Object.fromEntries(truth.reactionHours),
})

const sorted = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))

export function compare(report: Report, truth: Truth): Comparison[] {
  const shares = Object.entries(sharesOf(truth)).map(([id, share]) => {
    const { numerator, denominator } = figureOf(report, id)
    return { figure: id, shown: { numerator, denominator }, truth: share }
  })
  const values = Object.entries(valuesOf(truth)).map(([id, value]) => ({
    figure: id,
    shown: figureOf(report, id).value,
    truth: value,
  }))
  const breakdowns = Object.entries(breakdownsOf(truth)).map(([id, counts]) => ({
    figure: `${id}, broken down`,
    shown: sorted(breakdownOf(report, id)),
    truth: sorted(counts),
  }))
  const groups = (['treated', 'heldOut'] as const).map((group) => {
    const { numerator, denominator } = report.holdout[group]
    return { figure: `holdout, ${group}`, shown: { numerator, denominator }, truth: truth.holdout[group] }
  })
  return [...shares, ...values, ...breakdowns, ...groups]
}

/**
 * Figures that are sums over mails, so that the parts of any grouping come to the whole. The open rate is not among them:
 * of a part that Apple hides by more than half it says nothing.
 */
export const additive = [
  'open_rate_floor',
  'open_rate_raw',
  'opens_per_open',
  'bounce_rate',
  'reach',
  'click_rate',
  'ctr_verified',
  'unsubscribe_rate',
  'conversion_rate',
  'goal_rate',
  'purchase_rate',
  'revenue_per_mail',
  'positive_replies',
  'replies',
] as const
