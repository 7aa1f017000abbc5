import type { MessageKind, NudgeFormat, Pace, RecipientRole, Segment, TrialStatus } from '../trial.ts'
import type { Absent } from './piece.ts'
import type { en } from './words/en.ts'

/** All that a language brings to a sentence. Slots stand in braces; their order is the language’s own. */
export interface Words {
  readonly tag: SentenceLanguage
  readonly phrases: Readonly<Record<Phrase, string>>
  readonly conditions: Readonly<Record<Question, string>>
  /** The same questions denied. */
  readonly denials: Readonly<Record<Question, string>>
  readonly everyone: string
  /** With `{conditions}`. */
  readonly people: string
  readonly and: string
  readonly or: string
  /** With `{conditions}`: several at once denied. */
  readonly notAll: string
  readonly choices: { readonly [S in ChoiceSet]: Readonly<Record<ChoiceOf<S>, string>> }
  /** What it says for yes and for no. */
  readonly flags: Readonly<Record<FlagSet, { readonly yes: string; readonly no: string }>>
  readonly absent: Readonly<Record<Absent, string>>
  /** With `{duration}`, the last without. */
  readonly offsets: { readonly before: string; readonly after: string; readonly at: string }
  /** Moments as they follow an offset; milestone and event with `{name}`. */
  readonly anchors: Readonly<Record<Anchor, string>>
  readonly times: (n: number) => string
  readonly bounds: Bounds
  readonly timesBounds: Bounds
  /** With `{value}` or `{values}`; atLeast and atMost with `{n}`. */
  readonly tests: Readonly<
    Record<'is' | 'in' | 'endsWith' | 'exists' | 'missing' | 'atLeast' | 'atMost', string>
  >
  readonly yes: string
  readonly no: string
  /** The last with `{days}`, `{from}` and `{until}`. */
  readonly windows: { readonly default: string; readonly any: string; readonly own: string }
  /** `event` and `page` with `{name}`. */
  readonly triggers: { readonly any: string; readonly event: string; readonly page: string }
  readonly quotes: readonly [string, string]
}

/** With `{n}`, the last with `{least}` and `{most}`. */
interface Bounds {
  readonly none: string
  readonly atLeast: string
  readonly atMost: string
  readonly both: string
}

export type SentenceLanguage = 'en' | 'de' | 'ko' | 'vi'
export type Phrase = keyof (typeof en)['phrases']

/** What one member of a condition asks. */
export type Question =
  | 'segment'
  | 'pace'
  | 'status'
  | 'reached'
  | 'event'
  | 'trait'
  | 'value'
  | 'score'
  | 'surveyAnswer'
  | 'daysLeft'

export type Anchor =
  | 'trialStart'
  | 'trialEnd'
  | 'activated'
  | 'lastSeen'
  | 'surveyAnswered'
  | 'extended'
  | 'milestone'
  | 'event'

interface Choices {
  kind: MessageKind
  class: 'trial' | 'onboarding' | 'service'
  sendTime: 'fixed' | 'personal'
  repeat: 'once' | 'perCycle'
  sender: 'product' | 'rep'
  goal: 'upgrade' | 'reply' | 'extension' | 'survey' | 'activation' | 'none'
  segment: Segment
  fitSegment: 'unqualified' | 'opportunist'
  pace: Pace
  status: TrialStatus
  format: NudgeFormat
  decide: 'local' | 'server'
  endDecidedBy: 'extensions' | 'product'
  trialOf: 'person' | 'company'
  recipient: RecipientRole
}

/** Closed vocabularies a control chooses from. */
export type ChoiceSet = keyof Choices
type ChoiceOf<S extends ChoiceSet> = Choices[S]
export type FlagSet = 'quotesEnd' | 'pitchWhenActivated'
