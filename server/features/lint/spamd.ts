import { connect } from 'node:net'
import { secondMs } from '../../../shared/clock.ts'

export interface SpamReport {
  /** 10 − points, within 0 and 10: the higher the better. */
  readonly score10: number
  readonly points: number
  readonly rules: readonly { readonly name: string; readonly points: number }[]
}

/** Say nothing before an email was sent: they look at relays, signatures and address lists. */
const meaningless = /^(NO_RECEIVED|NO_RELAYS|ALL_TRUSTED|SPF_|DKIM_|RCVD_IN_|HELO_|RDNS_|DMARC_|T_SPF_)/

const answerWithinMs = 30 * secondMs

function exchange(url: URL, raw: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port || 783), allowHalfOpen: true })
    const chunks: Buffer[] = []
    socket.setTimeout(answerWithinMs, () => socket.destroy(new Error('spamd did not answer in time')))
    socket.once('error', reject)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.once('end', () => {
      socket.end()
      resolve(Buffer.concat(chunks).toString('utf8'))
    })
    socket.write(`REPORT SPAMC/1.5\r\nContent-length: ${raw.length}\r\n\r\n`)
    socket.end(raw)
  })
}

/**
 * Asks SpamAssassin’s daemon about a finished message.
 * @param spamdUrl `spamd://host:port`
 * @throws when it cannot be reached or does not speak its protocol.
 */
export async function spamReport(spamdUrl: string, raw: Buffer): Promise<SpamReport> {
  const answer = await exchange(new URL(spamdUrl), raw)
  if (!/^SPAMD\/\S+ 0 /.test(answer)) throw new Error(`spamd answered: ${answer.split('\r\n')[0]}`)
  const rules = [...answer.matchAll(/^\s*(-?\d+\.\d+)\s+([A-Z][A-Z0-9_]+)\s/gm)]
    .map(([, points, name]) => ({ name: name ?? '', points: Number(points) }))
    .filter(({ name }) => !meaningless.test(name))
  const points = rules.reduce((sum, rule) => sum + rule.points, 0)
  return { score10: Math.min(10, Math.max(0, 10 - Math.max(0, points))), points, rules }
}
