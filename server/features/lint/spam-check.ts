import { createHash } from 'node:crypto'
import type { OutgoingMail, RenderedMail } from '../../ports.ts'
import { error, type Finding, warning } from './finding.ts'
import { spamReport } from './spamd.ts'

const leastScore = 8
const goodScore = 9

/** What SpamAssassin said of one email, or why it said nothing. */
export type SpamVerdict =
  | {
      readonly state: 'checked'
      /** 0 to 10, 10 is best. */
      readonly score: number
      readonly rules: readonly { readonly name: string; readonly points: number }[]
    }
  | { readonly state: 'not_set_up' }
  | { readonly state: 'unreachable'; readonly why: string }

export type CheckSpam = (mail: RenderedMail) => Promise<SpamVerdict>

/** The same message that would leave, with the headers every email has. */
const sampleMail = ({ subject, html, text }: RenderedMail, now: number): OutgoingMail => ({
  to: { address: 'sam@customer.example', name: 'Sam Carter' },
  from: { address: 'hello@product.example', name: 'Product' },
  replyTo: { address: 'reply+00112233445566778899aabbccddeeff@in.product.example', name: 'Product' },
  envelopeFrom: 'b+00112233445566778899aabbccddeeff.01234567@bounce.product.example',
  messageId: `${createHash('sha256').update(html).digest('hex').slice(0, 22)}@product.example`,
  subject,
  html,
  text,
  headers: { 'Auto-Submitted': 'auto-generated' },
  listId: { host: 'trial.product.example', comment: 'Product trial email' },
  unsubscribe: {
    url: 'https://mail.example.com/u/ABEiM0RVZneImaq7zN3u_w',
    mailto: 'unsub+00112233445566778899aabbccddeeff@in.product.example',
  },
  date: new Date(now),
})

/**
 * Asks the daemon about finished emails; that it cannot be reached is an answer, not an error.
 * @param now by the machine’s clock: email from the future counts as spam.
 */
export function createSpamCheck({
  spamdUrl,
  compose,
  now,
}: {
  spamdUrl: string | null
  compose: (mail: OutgoingMail) => Promise<Buffer>
  now: () => number
}): CheckSpam {
  return async (mail) => {
    if (spamdUrl === null) return { state: 'not_set_up' }
    const raw = await compose(sampleMail(mail, now()))
    try {
      const { score10, rules } = await spamReport(spamdUrl, raw)
      return { state: 'checked', score: Math.round(score10 * 100) / 100, rules }
    } catch (fault) {
      return { state: 'unreachable', why: fault instanceof Error ? fault.message : String(fault) }
    }
  }
}

export function spamFindings(verdict: SpamVerdict): Finding[] {
  if (verdict.state !== 'checked' || verdict.score >= goodScore) return []
  const { score, rules } = verdict
  const detail = `${score.toFixed(1)} of 10: ${rules.map(({ name, points }) => `${name} ${points}`).join(', ')}`
  return [score < leastScore ? error('spam-score', detail) : warning('spam-score', detail)]
}
