import type { ChoiceSet, FlagSet } from './words.ts'

/**
 * A rule as a sentence: words, and controls where something can be chosen. The pieces hold all of the rule, so the
 * sentence can be read back; what a person changes is the value of one control.
 */
export type Piece = Text | Slot | Group

/** Words between the controls. */
export interface Text {
  readonly type: 'text'
  readonly text: string
}

/** One thing that can be chosen. */
export interface Slot {
  readonly type: 'slot'
  readonly path: Path
  /** undefined: not said, which {@link text} puts into words too. */
  readonly value: unknown
  readonly control: Control
  /** The value in words. */
  readonly text: string
  /** The value is some of the members of the object at `path`, beside others. */
  readonly merge?: true
}

/** What belongs together: one condition, or several joined by “and” or “or”. */
export interface Group {
  readonly type: 'group'
  readonly path: Path
  /**
   * `condition`: one object whose members must all hold. `question`: one member of it. `list`: conditions joined by
   * “and” or “or”. `denial`: a condition that must not hold.
   */
  readonly of: 'condition' | 'question' | 'list' | 'denial'
  readonly pieces: readonly Piece[]
}

export type Path = readonly (string | number)[]

/** How a value is chosen. */
export type Control =
  | { readonly type: 'choice'; readonly of: ChoiceSet }
  | { readonly type: 'choices'; readonly of: ChoiceSet }
  | { readonly type: 'flag'; readonly of: FlagSet }
  | {
      readonly type: 'number'
      readonly min: number
      readonly max: number
      readonly whole?: true
      readonly as?: 'times' | 'atMostTimes' | 'days' | 'percent'
      /** What is meant when nothing is said; the control may be emptied. */
      readonly absent?: Absent
    }
  | { readonly type: 'dayCounts' }
  | { readonly type: 'duration' }
  /** Before or after an anchor. */
  | { readonly type: 'offset' }
  | { readonly type: 'anchor' }
  | { readonly type: 'name'; readonly of: NameSet; readonly absent?: Absent }
  | { readonly type: 'names'; readonly of: NameSet; readonly absent?: Absent }
  | { readonly type: 'text'; readonly long?: true }
  | { readonly type: 'texts'; readonly absent?: Absent }
  | { readonly type: 'window'; readonly named: boolean }
  | { readonly type: 'trigger' }
  /** `{atLeast, atMost}` of a number, or of how often something happened. */
  | { readonly type: 'bounds'; readonly as: 'number' | 'times' }
  /** The tests of a trait. */
  | { readonly type: 'test' }
  /** What no sentence says, as it is. */
  | { readonly type: 'json' }

/** Names that the workspace itself has made. */
type NameSet = 'event' | 'milestone' | 'trait' | 'value' | 'answer' | 'template' | 'id' | 'page'

/** What holds when an optional part is left out. */
export type Absent = 'all' | 'allMilestones' | 'templateSubject' | 'none'

export const words = (text: string): Text => ({ type: 'text', text })

/** The whole sentence as one line. */
export const plainText = (pieces: readonly Piece[]): string =>
  pieces.map((piece) => (piece.type === 'group' ? plainText(piece.pieces) : piece.text)).join('')
