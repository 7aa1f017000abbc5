import { countOf } from './counters.ts'
import {
  benchmarkOf,
  breakdownOf,
  count,
  delivered,
  type Figure,
  type KpiInput,
  type Metric,
  metric,
  missing,
  named,
  practice,
  ratio,
  share,
  unfilterAction,
} from './metric.ts'

/** Opens, clicks and replies: metrics 1 to 4, 7, 8, 17 to 19, 21. */

const notTracked = (what: 'opens' | 'clicks', input: KpiInput): string | null =>
  delivered(input) > 0 && countOf(input.mails, what === 'opens' ? 'opensTracked' : 'clicksTracked') === 0
    ? `Not measured: ${what} are not tracked. Turn tracking on in the settings, or ask people for their consent.`
    : null

function opens(input: KpiInput): Metric[] {
  const { mails } = input
  const of = (name: Parameters<typeof countOf>[1]) => countOf(mails, name)
  const [human, unsure, machine] = [of('openedHuman'), of('openedUnknown'), of('openedMachine')]
  // Left out on both sides, opened or not: with only those who clicked put back, the rate would come out too high.
  const fetched = of('openedHumanFetched')
  const tracked = of('opensTracked')
  const action = notTracked('opens', input)
  const isBlind = tracked > 0 && (unsure + fetched) / tracked > 0.5
  const rawAndFloor =
    action === null
      ? [
          named(
            'open_rate_raw',
            'Raw, automatic ones included',
            'share',
            share(human + unsure + machine, tracked, 'raw'),
          ),
          named('open_rate_floor', 'At least', 'share', share(human, tracked, 'adjusted')),
        ]
      : []
  return [
    metric({
      number: 1,
      id: 'open_rate',
      name: 'Open rate',
      unit: 'share',
      groups: ['engage'],
      figure: isBlind ? missing : share(human - fetched, tracked - unsure - fetched, 'adjusted'),
      why: isBlind
        ? 'Not enough evidence: more than half of the opens come from email clients that load every image automatically.'
        : 'Emails opened by a person, of delivered emails whose opens can be told apart from automatic ones.',
      action,
      others: rawAndFloor,
    }),
    metric({
      number: 2,
      id: 'mobile_opens',
      name: 'Opened on a phone',
      unit: 'share',
      groups: ['engage'],
      figure: share(of('opensMobile'), of('opensKnownDevice'), 'adjusted'),
      why: `Of opens whose device is known (${of('opensKnownDevice')} of ${of('opensHuman')}); Gmail, Yahoo and Apple hide it.`,
      action,
      others: [
        named(
          'mobile_clicks',
          'Clicked on a phone',
          'share',
          share(of('clickedMobile'), of('clickedKnownDevice'), 'adjusted'),
        ),
      ],
    }),
    metric({
      number: 3,
      id: 'opens_per_open',
      name: 'Opens per opened email',
      unit: 'ratio',
      groups: ['engage'],
      figure: ratio(of('opensHuman'), human, 'adjusted'),
      why: 'How often an opened email is opened again; many may mean that it is too long. Opens less than 3 minutes apart count once.',
      action,
    }),
    openTimes(input),
  ]
}

/** Hours at which people react, made comparable by how many emails were out to be reacted to at that hour. */
function openTimes({ mails }: KpiInput): Metric {
  const total = Object.entries(mails)
    .filter(([name]) => name.startsWith('reacted:'))
    .reduce((sum, [, n = 0]) => sum + n, 0)
  const breakdown = breakdownOf(mails, 'reacted:', total)
  const best = breakdown[0]
  return metric({
    number: 4,
    id: 'open_times',
    name: 'When people react',
    unit: 'count',
    groups: ['engage'],
    figure: total === 0 ? missing : count(total, total, 'adjusted'),
    why: best
      ? `First clicks, replies and certain opens by weekday and hour in the recipient’s time zone (1 = Monday). Most: ${best.name.replace('-', ', ')}:00.`
      : 'First clicks, replies and certain opens by weekday and hour in the recipient’s time zone.',
    breakdown,
  })
}

function clicks(input: KpiInput): Metric[] {
  const { mails } = input
  const of = (name: Parameters<typeof countOf>[1]) => countOf(mails, name)
  const action = notTracked('clicks', input)
  const tracked = of('clicksTracked')
  const isCounted = of('clicksRaw') > 0
  const beside =
    action === null
      ? [
          named('ctor', 'Clicks to opens', 'share', share(of('clickedHuman'), of('openedHuman'), 'adjusted')),
          named(
            'ctr_verified',
            'Arrived in your product',
            'share',
            share(of('clickedVerified'), tracked, 'verified'),
          ),
        ]
      : []
  return [
    metric({
      number: 7,
      id: 'clicks',
      name: 'Clicks',
      unit: 'count',
      groups: ['acquire', 'engage'],
      figure: count(of('clicksHuman'), isCounted ? of('clicksRaw') : tracked, 'adjusted'),
      why: 'Clicks by people; link scanners are filtered out.',
      action: isCounted ? null : action,
      others:
        action === null
          ? [named('clicks_raw', 'Raw, scanners included', 'count', count(of('clicksRaw'), tracked, 'raw'))]
          : [],
    }),
    metric({
      number: 8,
      id: 'click_rate',
      name: 'Click rate',
      unit: 'share',
      groups: ['acquire', 'engage'],
      figure: share(of('clickedHuman'), tracked, 'adjusted'),
      why: 'Emails clicked by a person, of delivered emails. The benchmark is for clicks among openers.',
      benchmark: benchmarkOf(input, 'ctor', { value: 0.0777, better: 'above', source: practice }),
      action,
      others: beside,
    }),
  ]
}

const viewClasses = ['glance', 'skim', 'read'] as const

/** Emails looked at too briefly to be read, as far as email clients let it be seen. */
function viewingTime(input: KpiInput): Metric {
  const of = (name: Parameters<typeof countOf>[1]) => countOf(input.mails, name)
  const counts = viewClasses.map((name) => ({ name, count: of(`viewed:${name}`) }))
  const measured = counts.reduce((sum, { count: n }) => sum + n, 0)
  const all = measured + of('viewsUnmeasured')
  return metric({
    number: 17,
    id: 'viewing_time',
    name: 'Viewing time',
    unit: 'share',
    groups: ['engage'],
    figure: share(measured - of('viewed:read'), measured, 'adjusted'),
    why: `Opens viewed for less than 8 s: a glance below 2 s, skimmed above; from 8 s on it counts as read. Known for ${measured} of ${all} opens; Gmail, Yahoo and Apple hide it.`,
    benchmark: benchmarkOf(input, 'viewing_time', { value: 0.25, better: 'below', source: practice }),
    action:
      of('viewingTracked') === 0
        ? 'Not measured: no email carries the pixel for it. With your users’ consent, set viewing time to “Per person” (Settings, Email tracking, or PUT /api/measuring); opens must be per person too.'
        : null,
    others:
      all === 0
        ? []
        : [
            named(
              'viewing_time_seen',
              'Opens with a known viewing time',
              'share',
              share(measured, all, 'adjusted'),
            ),
          ],
    breakdown: measured === 0 ? [] : counts.map((part) => ({ ...part, share: part.count / measured })),
  })
}

function activeAudience(input: KpiInput): Metric {
  const of = (name: Parameters<typeof countOf>[1]) => countOf(input.people, name)
  const mailed = of('mailedInMonth')
  return metric({
    number: 18,
    id: 'active_audience',
    name: 'Active audience',
    unit: 'share',
    groups: ['engage'],
    figure: share(of('activeInMonth'), mailed, 'adjusted'),
    why: 'People who opened, clicked, replied or used the product in a calendar month, of those who got an email in it.',
    benchmark: benchmarkOf(input, 'active_audience', { value: 0.25, better: 'above', source: practice }),
    action: unfilterAction(input),
    others: [
      named(
        'active_audience_raw',
        'Raw, automatic ones included',
        'share',
        share(of('rawActiveInMonth'), mailed, 'raw'),
      ),
    ],
  })
}

function clients({ mails }: KpiInput): Metric {
  const known = countOf(mails, 'opensKnownClient')
  const breakdown = breakdownOf(mails, 'client:', known)
  const first: Figure = known === 0 ? missing : share(breakdown[0]?.count ?? 0, known, 'adjusted')
  return metric({
    number: 21,
    id: 'mail_programs',
    name: 'Email clients',
    unit: 'share',
    groups: ['engage'],
    figure: first,
    why: breakdown[0]
      ? `The most used is ${breakdown[0].name}. Proxies show the mailbox provider, not the client.`
      : 'Opens by people, by email client.',
    breakdown,
  })
}

export function engagementMetrics(input: KpiInput): Metric[] {
  const replies = countOf(input.mails, 'repliedPositive')
  return [
    ...opens(input),
    ...clicks(input),
    viewingTime(input),
    activeAudience(input),
    metric({
      number: 19,
      id: 'positive_replies',
      name: 'Positive replies',
      unit: 'share',
      groups: ['engage'],
      figure: share(replies, delivered(input), 'verified'),
      why: 'Emails with a positive reply from a person, of delivered emails. Out-of-office replies do not count.',
      benchmark: benchmarkOf(input, 'positive_replies', { value: 0.05, better: 'above', source: practice }),
      action: input.hasInbound
        ? null
        : 'Set INBOUND_SMTP_PORT, or post what comes back to /api/inbound, so that replies reach Trialpace.',
      others: [
        named(
          'replies',
          'All replies by people',
          'share',
          share(countOf(input.mails, 'replied'), delivered(input), 'verified'),
        ),
      ],
    }),
    clients(input),
  ]
}
