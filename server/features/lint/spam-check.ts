import { createHash } from 'node:crypto'
import type { OutgoingMail, RenderedMail } from '../../ports.ts'
import { error, type Finding, warning } from './finding.ts'
import { spamReport } from './spamd.ts'

const leastScore = 8
const goodScore = 9

/** The same message that would leave, with the headers every mail has. */
const sampleMail = ({ subject, html, text }: RenderedMail): OutgoingMail => ({
  to: { address: 'sam@customer.example', name: 'Sam Carter' },
  from: { address: 'hello@product.example', name: 'Product' },
  replyTo: { address: 'reply+00112233445566778899aabbccddeeff@in.product.example', name: 'Product' },
  envelopeFrom: 'b+00112233445566778899aabbccddeeff.01234567@bounce.product.example',
  messageId: `${createHash('sha256').update(html).digest('hex').slice(0, 22)}@product.example`,
  subject,
  html,
  text,
  headers: { 'Auto-Submitted': 'auto-generated' },
  listId: { host: 'trial.product.example', comment: 'Product trial mail' },
  unsubscribe: {
    url: 'https://mail.example.com/u/ABEiM0RVZneImaq7zN3u_w',
    mailto: 'unsub+00112233445566778899aabbccddeeff@in.product.example',
  },
  date: new Date(),
})

/** @throws when the daemon cannot be reached. */
export async function checkSpam(
  mail: RenderedMail,
  { spamdUrl, compose }: { spamdUrl: string; compose: (mail: OutgoingMail) => Promise<Buffer> },
): Promise<Finding[]> {
  const { score10, rules } = await spamReport(spamdUrl, await compose(sampleMail(mail)))
  const detail = `${score10.toFixed(1)} of 10: ${rules.map(({ name, points }) => `${name} ${points}`).join(', ')}`
  if (score10 < leastScore) return [error('spam-score', detail)]
  return score10 < goodScore ? [warning('spam-score', detail)] : []
}
