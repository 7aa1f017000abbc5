import { type CounterName, countOf } from './counters.ts'
import { differenceInterval } from './interval.ts'
import {
  count,
  delivered,
  type KpiInput,
  type Metric,
  metric,
  missing,
  named,
  ratio,
  share,
  unfilterAction,
} from './metric.ts'

/** Conversion and money: metrics 12 to 16. */

const noRevenue = 'Connect billing, or report payments to POST /api/revenue.'
const revenueAction = ({ hasRevenue }: KpiInput): string | null => (hasRevenue ? null : noRevenue)
/** A payment without a rate is left out, in sight; the others count. */
const rateAlarm = ({ missingRates, currency }: KpiInput): string | null =>
  missingRates.length === 0
    ? null
    : `Payments in ${missingRates.join(', ')} are left out until Settings › Billing (or PUT /api/rates) says what one unit is worth in ${currency}.`
const noCosts =
  'Add costs: in the playbook, or with POST /api/costs. Email is not free: people’s hours count.'

/** What the emails bring beyond what would have happened without them. */
export function holdoutLift({ people }: Pick<KpiInput, 'people'>) {
  const of = (name: CounterName) => countOf(people, name)
  const treated = share(of('treatedConverted'), of('treated'), 'verified')
  const heldOut = share(of('heldOutConverted'), of('heldOut'), 'verified')
  const isComparable = treated.value !== null && heldOut.value !== null
  return {
    treated,
    heldOut,
    lift: isComparable ? (treated.value as number) - (heldOut.value as number) : null,
    interval: differenceInterval(
      of('treatedConverted'),
      of('treated'),
      of('heldOutConverted'),
      of('heldOut'),
    ),
  }
}

function conversion(input: KpiInput): Metric {
  const of = (name: CounterName) => countOf(input.mails, name)
  const byClick = of('convertedVerified')
  const byUtm = of('convertedUtm')
  const byEmail = of('convertedEmail')
  const { lift, interval, heldOut, treated } = holdoutLift(input)
  const shown = input.isFiltered
    ? []
    : [
        named('holdout_lift', 'More than without emails (control group)', 'share', {
          numerator: null,
          denominator: null,
          value: lift,
          interval,
          n: Math.min(heldOut.n, treated.n),
          quality: lift === null ? 'not_measurable' : 'verified',
        }),
      ]
  return metric({
    number: 12,
    id: 'conversion_rate',
    name: 'Conversion rate',
    unit: 'share',
    groups: ['acquire', 'own'],
    figure: share(byClick + byUtm + byEmail, delivered(input), 'adjusted'),
    why: 'Conversions credited to an email, of delivered emails: the last verified click in the window, else a campaign link, else the last email to that person.',
    others: [
      named(
        'conversion_verified',
        'By a verified click',
        'share',
        share(byClick, delivered(input), 'verified'),
      ),
      named(
        'conversion_of_clicks',
        'Of emails clicked',
        'share',
        share(byClick + byUtm, of('clickedHuman'), 'adjusted'),
      ),
      named(
        'goal_rate',
        'Reached the goal of the email',
        'share',
        share(of('goal'), delivered(input), 'verified'),
      ),
      ...shown,
    ],
    breakdown: (
      [
        ['click', byClick],
        ['campaign', byUtm],
        ['e-mail', byEmail],
      ] as const
    ).map(([name, n]) => {
      const all = byClick + byUtm + byEmail
      return { name, count: n, share: all > 0 ? n / all : null }
    }),
  })
}

function profit(input: KpiInput): Metric {
  const revenue = countOf(input.mails, 'revenueMinor')
  const action = revenueAction(input) ?? (input.costsMinor === null ? noCosts : null)
  const costs = input.costsMinor ?? 0
  return metric({
    number: 14,
    id: 'profit',
    name: 'Profit',
    unit: 'money',
    groups: ['own'],
    figure: count(revenue - costs, countOf(input.mails, 'paying'), 'verified'),
    why: 'Revenue credited to emails minus the costs of the period, in the base currency.',
    action,
    alarm: rateAlarm(input),
    others:
      action === null
        ? [
            named(
              'roi',
              'Return on costs',
              'ratio',
              costs > 0 ? ratio(revenue - costs, costs, 'verified') : missing,
            ),
          ]
        : [],
  })
}

export function moneyMetrics(input: KpiInput): Metric[] {
  const of = (name: CounterName) => countOf(input.mails, name)
  const action = revenueAction(input)
  const alarm = rateAlarm(input)
  const revenue = of('revenueMinor')
  const perDelivered = ratio(revenue, delivered(input), 'verified')
  return [
    conversion(input),
    metric({
      number: 13,
      id: 'purchase_rate',
      name: 'Purchase rate',
      unit: 'share',
      groups: ['own'],
      figure: share(of('paying'), delivered(input), 'verified'),
      why: 'Paying people credited to an email, after refunds, of delivered emails. About half of conversions come after the trial ends.',
      action,
      alarm,
    }),
    profit(input),
    metric({
      number: 15,
      id: 'revenue_per_mail',
      name: 'Revenue per delivered email',
      unit: 'money',
      groups: ['own'],
      figure: perDelivered,
      why: 'Revenue credited to emails, per delivered email: opens can be hidden, deliveries cannot.',
      action,
      alarm,
      others:
        action === null
          ? [
              named(
                'revenue_per_open',
                'Revenue per opened email',
                'money',
                ratio(revenue, of('openedHuman'), 'adjusted'),
              ),
            ]
          : [],
    }),
    metric({
      number: 16,
      id: 'revenue_per_subscriber',
      name: 'Revenue per subscriber',
      unit: 'money',
      groups: ['own'],
      figure: ratio(countOf(input.people, 'revenueAllMinor'), input.meanSubscribers, 'verified'),
      why: 'All revenue of the period, divided by the mean number of people who could get emails.',
      action: action ?? unfilterAction(input),
      alarm,
    }),
  ]
}
