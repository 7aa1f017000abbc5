import type { FindingState } from '../../domain/finding.ts'

/** A DNS record by which receivers decide whether our email is ours. */
export interface NeededRecord {
  /** Stable, e.g. `dkim` or `dmarc:acme.com`. */
  readonly id: string
  /** What it is for, in a few words. */
  readonly purpose: string
  readonly type: 'TXT' | 'MX' | 'PTR' | 'CNAME'
  readonly name: string
  /** To be pasted at the DNS provider; null where only someone else can know it. */
  readonly value: string | null
  /** false: email arrives without it, only less surely. */
  readonly required: boolean
}

/** What was found there, and what to make of it. */
export interface Verdict {
  readonly state: FindingState
  readonly detail: string
  readonly fix: string | null
  readonly found: readonly string[]
}

export type CheckedRecord = NeededRecord & Verdict

/** How a record is written in a sentence. */
const recordText = ({ name, type, value }: NeededRecord): string => `${name} ${type} ${value}`

/** The sentence that tells to publish it. */
export const publishFix = (record: NeededRecord): string | null =>
  record.value === null ? null : `Publish ${recordText(record)}`

export const silentVerdict = (why: string): Verdict => ({
  state: 'unknown',
  detail: `could not be checked: no DNS answer (${why})`,
  fix: null,
  found: [],
})
