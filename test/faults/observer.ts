import type { OutboxMessage } from '../../server/domain/trial/model.ts'
import type { Storage } from '../../server/storage/port.ts'
import { readFakeMail } from '../support/fake-renderer.ts'
import type { LedgerEntry } from '../support/smtp-sink.ts'
import type { Expected, RaceResult } from './protocol.ts'

export interface Verdict {
  lost: number
  /** Copies beyond the first of an email that is not marked `unknown`. */
  duplicates: number
  copiesMax: number
  wrong: number
  /** What went wrong, in words. */
  readonly findings: string[]
}

export const emptyVerdict = (): Verdict => ({ lost: 0, duplicates: 0, copiesMax: 0, wrong: 0, findings: [] })

export function addVerdict(sum: Verdict, part: Verdict): void {
  sum.lost += part.lost
  sum.duplicates += part.duplicates
  sum.wrong += part.wrong
  sum.copiesMax = Math.max(sum.copiesMax, part.copiesMax)
  sum.findings.push(...part.findings)
}

/** How an email may have ended. `withheld`: the facts changed before its dot. */
type Ending = 'sent' | 'unknown' | 'failed' | 'withheld'

export interface Hope {
  /** Endings that are right for this email. */
  readonly endings: readonly Ending[]
  /** Copies the sink must have when it ended as `sent`; for `unknown` any number up to this. */
  readonly copies: number
}

export const sentOnce: Hope = { endings: ['sent', 'unknown'], copies: 1 }

const endingOf = (message: OutboxMessage | undefined): Ending | 'open' => {
  switch (message?.state) {
    case 'sent':
    case 'unknown':
    case 'failed':
      return message.state
    case 'superseded':
    case undefined:
      return 'withheld'
    default:
      return 'open'
  }
}

const isFor =
  ({ userId }: Expected) =>
  (entry: LedgerEntry): boolean =>
    entry.to.startsWith(`${userId}@`)

/** Joins the three ledgers: what the sink took, what the trials say, and what their construction promises. */
export async function observe(
  storage: Storage,
  expected: readonly Expected[],
  ledger: readonly LedgerEntry[],
  hopeFor: (trial: Expected) => Hope = () => sentOnce,
): Promise<Verdict> {
  const verdict = emptyVerdict()
  for (const one of expected) {
    const trial = await storage.trials.get(one.trialId)
    const messages = trial?.outbox.filter(({ kind }) => kind === one.kind) ?? []
    const message = messages.findLast(({ state }) => state !== 'superseded') ?? messages.at(-1)
    judge(one, message, ledger.filter(isFor(one)), hopeFor(one), verdict)
  }
  return verdict
}

function judge(
  { userId, kind, endsAt }: Expected,
  message: OutboxMessage | undefined,
  copies: readonly LedgerEntry[],
  hope: Hope,
  verdict: Verdict,
): void {
  const ending = endingOf(message)
  const note = (what: string) =>
    verdict.findings.push(
      `${kind} to ${userId}: ${what} (${message?.state ?? 'no row'}, ${copies.length} copies)`,
    )
  verdict.copiesMax = Math.max(verdict.copiesMax, copies.length)
  if (
    ending === 'open' ||
    !hope.endings.includes(ending) ||
    (ending === 'sent' && copies.length < hope.copies)
  ) {
    verdict.lost++
    note('lost')
  }
  if (copies.length > 1 && ending !== 'unknown') {
    verdict.duplicates += copies.length - 1
    note('sent twice')
  }
  if (copies.length > 2) note('more than two copies')
  if (new Set(copies.map((copy) => copy.messageId)).size > 1) {
    verdict.duplicates++
    note('copies with different Message-IDs')
  }
  for (const copy of copies) {
    const said = readFakeMail(copy.raw)
    if (said?.kind === kind && said.endsAt === endsAt) continue
    if (ending === 'withheld' || hope.endings.includes('withheld')) continue
    verdict.wrong++
    note(`wrong mail: ${JSON.stringify(said)}`)
  }
}

const passedGate = new Set(['dot', 'sent', 'unknown'])

/**
 * A race is lost when an email that rests on the old facts was completed although the command was committed before its
 * gate. Which came first is read from the command’s own save, so no clock is involved.
 */
export function judgeRaces(
  results: readonly RaceResult[],
  expected: readonly Expected[],
  ledger: readonly LedgerEntry[],
): Verdict {
  const verdict = emptyVerdict()
  const byUser = new Map(expected.map((one) => [one.userId, one]))
  for (const { userId, command, accepted, stateAtCommit } of results) {
    const one = byUser.get(userId)
    if (!one || !accepted || (stateAtCommit !== null && passedGate.has(stateAtCommit))) continue
    const stale = ledger.filter(isFor(one)).filter((copy) => {
      const said = readFakeMail(copy.raw)
      return command === 'extend' ? said?.endsAt === one.endsAt : true
    })
    if (stale.length === 0) continue
    verdict.wrong += stale.length
    verdict.findings.push(
      `${one.kind} to ${userId} left after ${command} (then ${stateAtCommit ?? 'no row'})`,
    )
  }
  return verdict
}
