import PostalMime from 'postal-mime'
import type { LedgerEntry, SmtpFault, SmtpStage } from '../smtp-sink.ts'
import type { Person } from './cast.ts'
import { chanceOf } from './chance.ts'
import {
  answerAutomatically,
  considerComplaining,
  considerReplying,
  considerReturning,
} from './correspondents.ts'
import { considerLeaving, decide } from './deciders.ts'
import type { Returned } from './ledger.ts'
import { readLetter } from './letter.ts'
import { fetchAhead, read } from './readers.ts'
import { scan, scanInline } from './scanners.ts'
import type { Stage } from './stage.ts'

/** The mail servers of all recipients, in one: what they say to RCPT, and what happens to what they take. */
export interface Receivers {
  fault(stage: SmtpStage, session: { from: string; to: string }): SmtpFault | null
  take(entry: LedgerEntry): Promise<void>
  /** Emails to the customer’s own people: replies of people handed on. */
  readonly forwarded: () => number
}

const refusals: Readonly<
  Record<'noSuchUser' | 'full' | 'policy', readonly [Returned, readonly SmtpFault[]]>
> = {
  noSuchUser: [
    'hard',
    [
      { code: 550, text: '5.1.1 The email account that you tried to reach does not exist' },
      { code: 550, text: 'User unknown in virtual mailbox table' },
      { code: 550, text: '5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found' },
    ],
  ],
  full: ['soft', [{ code: 552, text: '5.2.2 Mailbox full' }]],
  policy: ['other', [{ code: 550, text: '5.7.1 Service refused, the sending address is on our blocklist' }]],
}

const waits: readonly SmtpFault[] = [
  { code: 451, text: '4.7.1 Greylisted, please try again in a few minutes' },
  { code: 450, text: '4.2.0 Greylisted' },
  { code: 421, text: '4.3.2 Try again later' },
]

export function createReceivers(cast: readonly Person[], stage: () => Stage): Receivers {
  const byAddress = new Map(cast.map((person) => [person.address, person]))
  const delayed = new Set<string>()
  let forwarded = 0

  function answerRcpt(person: Person, returnPath: string): SmtpFault | null {
    const { seed, ledger, now } = stage()
    const chance = chanceOf(seed, 'rcpt', person.userId)
    const { receiver } = person
    if (receiver === 'greylists') {
      if (delayed.has(returnPath)) return null
      delayed.add(returnPath)
      ledger.counts.deferred++
      return chance.pick(waits)
    }
    if (receiver !== 'noSuchUser' && receiver !== 'full' && receiver !== 'policy') return null
    const [as, answers] = refusals[receiver]
    ledger.refuse(returnPath, { person, at: now(), as })
    return chance.pick(answers)
  }

  return {
    forwarded: () => forwarded,
    fault(at, { from, to }) {
      const person = at === 'rcpt' ? byAddress.get(to) : undefined
      return person ? answerRcpt(person, from) : null
    },
    async take({ to, from, raw }) {
      const person = byAddress.get(to)
      if (!person) {
        // What is probably a machine's is handed on too, and says so.
        const { subject = '' } = await PostalMime.parse(raw)
        if (!subject.startsWith('[probably automatic]')) forwarded++
        return
      }
      const letter = await readLetter(raw, { person, from, at: stage().now() })
      stage().ledger.accept(letter)
      await scanInline(stage(), letter)
      scan(stage(), letter)
      answerAutomatically(stage(), letter)
      if (considerReturning(stage(), letter)) return
      fetchAhead(stage(), letter)
      considerComplaining(stage(), letter)
      considerLeaving(stage(), letter)
      const opened = read(stage(), letter)
      if (!opened) return
      decide(stage(), letter, opened.openedAfterMs)
      considerReplying(stage(), letter, opened.openedAfterMs)
    },
  }
}
