import { minuteMs, secondMs } from '../../../shared/clock.ts'
import { localDay, localMs, weekdayOf } from '../time/zoned-time.ts'
import { judgeBounce } from '../trial/judge-bounce.ts'
import type { OutboxMessage } from '../trial/model.ts'
import type { Verdict } from './classify-hit.ts'
import type { CounterName, Counters } from './counters.ts'
import type { SignalFacts } from './signal.ts'

/** What counting needs of a signal. */
export type Counted = Pick<SignalFacts, 'type' | 'at' | 'verdict' | 'verifiedAt' | 'sentiment' | 'loadedMs'>

/** A rep’s word on the latest reply that had come by then. `automatic`: no person wrote it. */
export interface ReplyLabel {
  readonly at: number
  readonly label: 'positive' | 'negative' | 'automatic'
}

/**
 * What came back from the emails of one trial, as the reps put it right: they overrule the rule that judged by words
 * alone, and the last word on a reply counts.
 * @param labels in the order in which they were given
 */
export function withReplyLabels(
  mails: readonly (readonly Counted[])[],
  labels: readonly ReplyLabel[],
): readonly (readonly Counted[])[] {
  const replies = mails
    .flat()
    .filter(({ type }) => type === 'reply')
    .sort((a, b) => a.at - b.at)
  const said = new Map<Counted, ReplyLabel['label']>()
  for (const { at, label } of labels) {
    const meant = replies.findLast((reply) => reply.at <= at)
    if (meant) said.set(meant, label)
  }
  const putRight = (signal: Counted): Counted => {
    const label = said.get(signal)
    if (label === undefined) return signal
    return label === 'automatic'
      ? { ...signal, type: 'auto_reply', sentiment: null }
      : { ...signal, sentiment: label }
  }
  return mails.map((signals) => signals.map(putRight))
}

/**
 * A person leaves once, however often they say so: by the button and by email, of this email and of an older one. Only
 * the first word of it is kept.
 */
export function withOneLeaving(mails: readonly (readonly Counted[])[]): readonly (readonly Counted[])[] {
  const leavings = mails.flat().filter(({ type }) => type === 'unsubscribe')
  const first = leavings.reduce<Counted | null>(
    (earliest, signal) => (earliest === null || signal.at < earliest.at ? signal : earliest),
    null,
  )
  return leavings.length < 2
    ? mails
    : mails.map((signals) => signals.filter((signal) => signal.type !== 'unsubscribe' || signal === first))
}

/** How far opens or clicks of an email are recorded. `aggregate`: counted, but not whose. */
export type TrackingMode = 'off' | 'aggregate' | 'individual'
export interface Tracking {
  readonly opens: TrackingMode
  readonly clicks: TrackingMode
  /** Whether the email carries the slow picture. */
  readonly viewing?: 'off' | 'individual'
}

/** What one email came to, before anything is credited to it. */
export interface MailOutcome {
  readonly message: OutboxMessage
  readonly at: number
  readonly wasHanded: boolean
  readonly isDelivered: boolean
  readonly counters: Counters
  readonly isClicked: boolean
  readonly verifiedAt: readonly number[]
  /** Clicks by people that were not seen to arrive, and visits that named the email as their campaign. */
  readonly campaignAt: readonly number[]
  readonly reactions: readonly number[]
  /** Any hit at all, machines included. */
  readonly hits: readonly number[]
  readonly isReplied: boolean
  readonly isExtended: boolean
  readonly isSurveyed: boolean
}

/** Pictures loaded again by scrolling are no second opening. */
const sameOpenMs = 3 * minuteMs

/** What the requests of each opening tell of its reader: the first that names a device speaks for all of them. */
function openingsOf(hits: readonly Counted[]): Verdict[] {
  const openings: { readonly at: number; teller: Verdict }[] = []
  for (const { at, verdict } of [...hits].sort((a, b) => a.at - b.at)) {
    const last = openings.at(-1)
    if (!verdict) continue
    if (!last || at - last.at >= sameOpenMs) openings.push({ at, teller: verdict })
    else if (last.teller.device === 'unknown') last.teller = verdict
  }
  return openings.map(({ teller }) => teller)
}

/** What the receiving server said at once. */
function handover({ state, answer }: OutboxMessage): CounterName {
  if (state === 'sent') return 'accepted'
  if (state === 'unknown' || state === 'dot') return 'unknown'
  const text = answer ?? ''
  if (text.startsWith('given up')) return 'rejectedSoft'
  const code = Number(/\b([45]\d\d)\b/.exec(text)?.[1] ?? Number.NaN)
  const { class: found } = judgeBounce(null, Number.isNaN(code) ? null : code, text)
  return found === 'hard' ? 'rejectedHard' : found === 'soft' ? 'rejectedSoft' : 'rejectedOther'
}

const bounceCounter = (signals: readonly Counted[]): CounterName | null => {
  const has = (type: string) => signals.some((signal) => signal.type === type)
  if (has('hard_bounce')) return 'bouncedHard'
  if (has('soft_bounce')) return 'bouncedSoft'
  return has('policy_bounce') || has('other_bounce') ? 'bouncedOther' : null
}

const hourName = (prefix: 'reacted' | 'sentAt', at: number, zone: string): CounterName => {
  const hour = Math.floor(localMs(at, zone) / 3_600_000) % 24
  return `${prefix}:${weekdayOf(localDay(at, zone))}-${hour}`
}

type Tally = Partial<Record<CounterName, number>>
const bump = (tally: Tally, name: CounterName, by = 1): void => {
  if (by !== 0) tally[name] = (tally[name] ?? 0) + by
}

const isMobile = ({ device }: Verdict): boolean => device === 'phone' || device === 'tablet'

function tallyOpens(tally: Tally, signals: readonly Counted[], isClicked: boolean): void {
  const opens = signals.filter(({ type }) => type === 'open')
  const counted = opens.filter(({ verdict }) => verdict && !verdict.collapsed)
  const human = counted.filter(({ verdict }) => verdict?.actor === 'human')
  const openings = openingsOf(human)
  bump(tally, 'opensRaw', opens.length)
  bump(tally, 'opensHuman', Math.max(openings.length, isClicked ? 1 : 0))
  for (const { device, client } of openings) {
    if (device !== 'unknown') bump(tally, 'opensKnownDevice')
    if (device === 'phone' || device === 'tablet') bump(tally, 'opensMobile')
    if (client === 'unknown') continue
    bump(tally, 'opensKnownClient')
    bump(tally, `client:${client.slice(0, 40)}`)
  }
  const isFetched = counted.some(({ verdict }) => verdict?.actor === 'unknown')
  if (human.length > 0 || isClicked) {
    bump(tally, 'openedHuman')
    if (isFetched) bump(tally, 'openedHumanFetched')
  } else if (isFetched) bump(tally, 'openedUnknown')
  else if (opens.length > 0) bump(tally, 'openedMachine')
}

const readMs = 8 * secondMs
const skimMs = 2 * secondMs

/** A proxy’s connection tells nothing of a reader, nor does a picture that was loaded to its end. */
function tallyViews(tally: Tally, signals: readonly Counted[]): void {
  for (const { type, verdict, loadedMs } of signals) {
    if (type !== 'view_time' || verdict?.actor !== 'human' || verdict.collapsed) continue
    if (loadedMs == null || verdict.confidence !== 'high') bump(tally, 'viewsUnmeasured')
    else bump(tally, loadedMs < skimMs ? 'viewed:glance' : loadedMs < readMs ? 'viewed:skim' : 'viewed:read')
  }
}

function tallyClicks(tally: Tally, clicks: readonly Counted[], human: readonly Counted[]): void {
  bump(tally, 'clicksRaw', clicks.length)
  bump(tally, 'clicksHuman', human.length)
  if (human.length === 0) return
  bump(tally, 'clickedHuman')
  if (human.some(({ verifiedAt }) => verifiedAt != null)) bump(tally, 'clickedVerified')
  const known = human.flatMap(({ verdict }) => (verdict && verdict.device !== 'unknown' ? [verdict] : []))
  if (known.length > 0) bump(tally, 'clickedKnownDevice')
  if (known.some(isMobile)) bump(tally, 'clickedMobile')
}

function tallyWords(tally: Tally, signals: readonly Counted[]): void {
  const has = (type: string) => signals.some((signal) => signal.type === type)
  const replies = signals.filter(({ type }) => type === 'reply')
  const isComplaint = has('complaint') && !has('not_spam')
  if (isComplaint) bump(tally, 'complained')
  else if (has('unsubscribe')) bump(tally, 'unsubscribed')
  if (replies.length > 0) bump(tally, 'replied')
  if (replies.some(({ sentiment }) => sentiment === 'positive')) bump(tally, 'repliedPositive')
  if (replies.some(({ sentiment }) => sentiment === 'negative')) bump(tally, 'repliedNegative')
  if (has('auto_reply')) bump(tally, 'autoReplied')
  if (has('survey')) bump(tally, 'surveyed')
  if (has('extend')) bump(tally, 'extended')
}

/** @returns null for an email that was never handed over. */
export function mailOutcome(
  message: OutboxMessage,
  signals: readonly Counted[],
  { tracking, zone }: { tracking: Tracking; zone: string },
): MailOutcome | null {
  const at = message.sentAt ?? message.dotAt ?? (message.state === 'failed' ? message.nextAttemptAt : null)
  if (at === null || !['sent', 'unknown', 'dot', 'failed'].includes(message.state)) return null
  const tally: Tally = {}
  const state = handover(message)
  bump(tally, 'targeted')
  bump(tally, 'handed')
  bump(tally, state)
  bump(tally, hourName('sentAt', at, zone))
  const bounced = state === 'accepted' ? bounceCounter(signals) : null
  if (bounced) bump(tally, bounced)
  const isDelivered = state === 'accepted' && bounced === null
  const clicks = signals.filter(({ type }) => type === 'click')
  const human = clicks.filter(({ verdict }) => verdict?.actor === 'human' && !verdict.collapsed)
  if (isDelivered) {
    bump(tally, 'delivered')
    if (tracking.clicks === 'individual') {
      bump(tally, 'clicksTracked')
      tallyClicks(tally, clicks, human)
    }
    if (tracking.opens === 'individual') {
      bump(tally, 'opensTracked')
      tallyOpens(tally, signals, human.length > 0)
    }
    if (tracking.viewing === 'individual') {
      bump(tally, 'viewingTracked')
      tallyViews(tally, signals)
    }
    tallyWords(tally, signals)
  }
  const replies = signals.filter(({ type }) => type === 'reply').map((signal) => signal.at)
  const certain = signals.filter(
    ({ type, verdict }) => type === 'open' && verdict?.actor === 'human' && verdict.confidence === 'high',
  )
  const reactions = [...human, ...certain].map((signal) => signal.at).concat(replies)
  if (isDelivered && reactions.length > 0) bump(tally, hourName('reacted', Math.min(...reactions), zone))
  const has = (type: string) => signals.some((signal) => signal.type === type)
  return {
    message,
    at,
    wasHanded: true,
    isDelivered,
    counters: tally,
    isClicked: human.length > 0,
    verifiedAt: human.flatMap(({ at: clickedAt, verifiedAt }) => (verifiedAt == null ? [] : [clickedAt])),
    campaignAt: [
      ...human.filter(({ verifiedAt }) => verifiedAt == null),
      ...signals.filter(({ type }) => type === 'campaign'),
    ].map((signal) => signal.at),
    reactions: [
      ...reactions,
      ...signals
        .filter(({ type, verdict }) => type === 'open' && verdict?.actor === 'human')
        .map((signal) => signal.at),
    ],
    hits: signals.filter(({ type }) => type === 'open' || type === 'click').map((signal) => signal.at),
    isReplied: replies.length > 0,
    isExtended: has('extend'),
    isSurveyed: has('survey'),
  }
}
