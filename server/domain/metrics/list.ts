import { type CounterName, countOf } from './counters.ts'
import { isJump } from './interval.ts'
import {
  benchmarkOf,
  count,
  delivered,
  type KpiInput,
  type Metric,
  metric,
  named,
  practice,
  ratio,
  share,
  unfilterAction,
} from './metric.ts'

/** The list and what the receivers say: metrics 5, 6, 9 to 11, 20. */

const noInbound =
  'Set INBOUND_SMTP_PORT and the MX record of the bounce domain, or post what comes back to /api/inbound, so that bounces reach Trialpace.'

function bounces(input: KpiInput): Metric {
  const of = (name: CounterName) => countOf(input.mails, name)
  const handed = of('handed')
  const hard = of('rejectedHard') + of('bouncedHard')
  const soft = of('rejectedSoft') + of('bouncedSoft')
  const other = of('rejectedOther') + of('bouncedOther')
  return metric({
    number: 5,
    id: 'bounce_rate',
    name: 'Bounce rate',
    unit: 'share',
    groups: ['acquire'],
    figure: share(hard + soft + other, handed, input.hasInbound ? 'verified' : 'adjusted'),
    why: input.hasInbound
      ? 'Emails that bounced, of emails handed over; each email counts once.'
      : 'Only emails refused at once: later bounces are not seen until bounces reach Trialpace.',
    others: [
      named('bounce_rate_hard', 'Hard: the address does not exist', 'share', share(hard, handed, 'verified')),
      named('bounce_rate_soft', 'Soft: for the time being', 'share', share(soft, handed, 'verified')),
    ],
    benchmark: benchmarkOf(input, 'bounce_rate_hard', {
      value: 0.05,
      better: 'below',
      source: 'the limit where sending stops',
    }),
  })
}

function reach(input: KpiInput): Metric {
  const of = (name: CounterName) => countOf(input.mails, name)
  const steps: readonly (readonly [string, number])[] = [
    ['targeted', of('targeted')],
    ['suppressed', of('suppressed')],
    ['blocked', of('blocked')],
    ['handed over', of('handed')],
    ['accepted', of('accepted')],
    ['delivered', of('delivered')],
  ]
  const targeted = of('targeted')
  return metric({
    number: 6,
    id: 'reach',
    name: 'Reach',
    unit: 'share',
    groups: ['acquire'],
    figure: share(of('delivered'), targeted, input.hasInbound ? 'verified' : 'adjusted'),
    why: 'Emails accepted by the receiving server and not bounced, of emails that fell due. Whether they reached the inbox is not known.',
    breakdown: steps.map(([name, n]) => ({ name, count: n, share: targeted > 0 ? n / targeted : null })),
  })
}

function unsubscribes(input: KpiInput): Metric[] {
  const of = (name: CounterName) => countOf(input.mails, name)
  const weeks = input.weeklyUnsubscribes
  const latest = weeks.at(-1) ?? 0
  const jumped = isJump(latest, weeks.slice(0, -1))
  return [
    metric({
      number: 9,
      id: 'unsubscribes',
      name: 'Unsubscribes',
      unit: 'count',
      groups: ['acquire'],
      figure: count(of('unsubscribed'), delivered(input), 'verified'),
      why: 'People who unsubscribed. A few are healthy; only a clear rise matters.',
      alarm: jumped ? `${latest} in the last seven days, far above the weeks before.` : null,
      others: [
        named(
          'complaints_count',
          'Marked as spam, counted apart',
          'count',
          count(of('complained'), delivered(input), 'verified'),
        ),
      ],
    }),
    metric({
      number: 10,
      id: 'unsubscribe_rate',
      name: 'Unsubscribes per email',
      unit: 'share',
      groups: ['acquire'],
      figure: share(of('unsubscribed'), delivered(input), 'verified'),
      why: 'Opt-outs caused by an email, of delivered emails.',
    }),
  ]
}

function growth(input: KpiInput): Metric {
  const of = (name: CounterName) => countOf(input.people, name)
  const causes = ['unsubscribed', 'complaint', 'bounce', 'manual'] as const
  const lost = causes.reduce((sum, cause) => sum + of(`lost:${cause}`), 0)
  const gained = of('subscribed')
  return metric({
    number: 11,
    id: 'list_growth',
    name: 'Subscribers gained and lost',
    unit: 'count',
    groups: ['acquire'],
    figure: count(gained - lost, gained + lost, 'verified'),
    why: `${gained} gained, ${lost} lost. A trial that ended is no loss.`,
    action: unfilterAction(input),
    others: [
      named('gained_per_lost', 'Gained per subscriber lost', 'ratio', ratio(gained, lost, 'verified')),
    ],
    breakdown: causes.map((cause) => ({
      name: cause,
      count: of(`lost:${cause}`),
      share: lost > 0 ? of(`lost:${cause}`) / lost : null,
    })),
  })
}

function spam(input: KpiInput): Metric {
  const complaints = share(countOf(input.mails, 'complained'), delivered(input), 'verified')
  const checked = input.spamScoreAt === null ? '' : `, checked on ${input.spamScoreAt.slice(0, 10)}`
  const isHigh = complaints.value !== null && complaints.value >= 0.001 && complaints.n >= 200
  return metric({
    number: 20,
    id: 'spam_score',
    name: 'Spam score',
    unit: 'score',
    groups: ['acquire'],
    figure: { ...count(input.spamScore ?? 0, 1, 'verified') },
    benchmark: benchmarkOf(input, 'spam_score', {
      value: 8,
      better: 'above',
      source: practice,
    }),
    action:
      input.spamScore === null
        ? 'Check all emails on the Emails page: it asks SpamAssassin, whose address SPAMD_URL must hold.'
        : null,
    others: input.hasInbound ? [named('complaint_rate', 'Marked as spam', 'share', complaints)] : [],
    alarm: isHigh ? 'Complaints are at 0.1 % or more: Gmail and Yahoo act at 0.3 %.' : null,
    why: [
      `Worst score of the emails, 10 is best${checked}.`,
      ...(input.hasInbound
        ? ['Complaints are shown beside it; Gmail does not report them per email.']
        : [`${noInbound} Until then complaints are not seen.`]),
    ].join(' '),
  })
}

export const listMetrics = (input: KpiInput): Metric[] => [
  bounces(input),
  reach(input),
  ...unsubscribes(input),
  growth(input),
  spam(input),
]
