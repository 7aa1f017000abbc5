import type { MessageKey, TrialId } from '../../../shared/trial.ts'
import type { Verdict } from './classify-hit.ts'

/** Requests that an email caused by itself or through its links. */
export const hitTypes = ['open', 'click', 'view_time', 'visit'] as const
/** What a person did on a page of ours: never done by GET, so no machine does it by walking links. */
export const actTypes = ['unsubscribe', 'survey', 'extend', 'view', 'campaign'] as const
/** What an email that came back turned out to be. */
export const feedbackTypes = [
  'hard_bounce',
  'soft_bounce',
  'policy_bounce',
  'other_bounce',
  'delayed',
  'complaint',
  'not_spam',
  'unsubscribe',
  'reply',
  'auto_reply',
  'report',
  'unknown',
] as const

type HitType = (typeof hitTypes)[number]
type ActType = (typeof actTypes)[number]
type FeedbackType = (typeof feedbackTypes)[number]
type SignalType = HitType | ActType | FeedbackType

/** What the metrics rest on. It is kept for good, see forgetting.ts. */
export interface SignalFacts {
  readonly type: SignalType
  readonly at: number
  readonly trialId: TrialId
  readonly key: MessageKey
  readonly verdict?: Verdict
  /** The browser snippet saw this click arrive in a visible page: a person, whatever else speaks against it. */
  readonly verifiedAt?: number | null
  /** Of replies: what they sound like. */
  readonly sentiment?: string | null
  /** How long the slow picture was loaded before its reader turned away; null: that was not seen. */
  readonly loadedMs?: number | null
}

export interface HitSignal extends SignalFacts {
  readonly type: HitType
  readonly method: string
  readonly userAgent: string
  /** Address cut to its network (/24, /48). */
  readonly network: string
  /** Index of the link; null on pictures and pages. */
  readonly link: number | null
  /** Of visits: path of the page, without the token. */
  readonly page?: string
  readonly verdict: Verdict
  readonly verifiedAt: number | null
  /** Other emails the same network clicked in that minute, as far as was seen; it outlives the memory of networks. */
  readonly otherMails?: number
}

export interface ActSignal extends SignalFacts {
  readonly type: ActType
  readonly detail: string
}

export interface FeedbackSignal extends SignalFacts {
  readonly type: FeedbackType
  readonly detail: string
  /** Of replies: the person’s own words. */
  readonly text: string | null
  readonly sentiment: string | null
}

/** What is left when its content is no longer kept. */
export interface ForgottenSignal extends SignalFacts {
  readonly isForgotten: true
}

/** One thing that came back from an email: document of kind `signal`, id `<token>/<its own id>`. */
export type Signal = HitSignal | ActSignal | FeedbackSignal | ForgottenSignal

const hits: ReadonlySet<string> = new Set(hitTypes)
/** A hit with all its content, which can be judged again. */
export const isHitSignal = (signal: Signal): signal is HitSignal =>
  hits.has(signal.type) && !('isForgotten' in signal)
