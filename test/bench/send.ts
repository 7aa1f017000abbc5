import { generateKeyPairSync } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { createTransport } from 'nodemailer'
import { signedFields } from '../../server/adapters/dkim.ts'
import { createSmtpMailer } from '../../server/adapters/smtp-mailer.ts'
import type { OutgoingMail } from '../../server/ports.ts'
import { outgoingMail } from '../support/fake-mail.ts'
import { type BenchReport, medianOf, medianRow, metAtLeast } from './report.ts'

const connections = 10
const mailsPerRound = 300
const rounds = 5

const paragraph =
  'Your boards, your team and the cards you finished stay where they are until the trial ends. '
const mail: OutgoingMail = outgoingMail({
  html: `<table><tr><td>${`<p>${paragraph.repeat(3)}</p>`.repeat(30)}</td></tr></table>`,
  text: `${paragraph}\n`.repeat(40),
})

/** The sink runs in a thread of its own, so that both senders are measured and not it. */
const sinkSource = `
const { parentPort } = require('node:worker_threads')
const { SMTPServer } = require('smtp-server')
const server = new SMTPServer({
  authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], disableReverseLookup: true, logger: false,
  onData(stream, session, done) { stream.resume(); stream.on('end', () => done()) },
})
server.on('error', () => {})
const listening = server.listen(0, '127.0.0.1', () => parentPort.postMessage(listening.address().port))
`

async function startSink(): Promise<{ url: string; close: () => Promise<unknown> }> {
  const worker = new Worker(sinkSource, { eval: true })
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  return { url: `smtp://127.0.0.1:${port}`, close: () => worker.terminate() }
}

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

/** Emails a second, `connections` at a time. */
async function rateOf(send: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < mailsPerRound) await send(next++)
    }),
  )
  return (mailsPerRound * 1000) / (performance.now() - startedAt)
}

const withId = (index: number): OutgoingMail => ({ ...mail, messageId: `bench-${index}@acme.example` })

/** The same email by the library alone: pooled, signed over the same fields, with the same headers. */
function bareSender(url: string) {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: connections,
    maxMessages: 100,
    dkim: {
      domainName: 'acme.example',
      keySelector: 'tp1',
      privateKey,
      headerFieldNames: signedFields.join(':'),
    },
  } as Parameters<typeof createTransport>[0])
  return {
    send: (index: number) =>
      transport.sendMail({
        envelope: { from: mail.envelopeFrom, to: [mail.to.address] },
        from: mail.from,
        to: mail.to,
        replyTo: mail.replyTo,
        messageId: withId(index).messageId,
        subject: mail.subject,
        html: mail.html,
        text: mail.text,
        headers: mail.headers,
      }),
    close: () => transport.close(),
  }
}

/** Our mailer (compose, sign, SMTP, gate) beside the library’s own pooled and signed rate, in turns in one run. */
export async function run(): Promise<BenchReport> {
  const sink = await startSink()
  const bare = bareSender(sink.url)
  const ours = createSmtpMailer({
    url: sink.url,
    dkim: { domain: 'acme.example', selector: 'tp1', privateKey },
    pool: { connections, perConnection: 100 },
    log: { warn: console.error },
  })
  const gate = () => Promise.resolve(true)
  const sendOurs = async (index: number) => {
    const result = await ours.send(withId(index), gate)
    if (result.state !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(result)}`)
  }
  const rates = { bare: [] as number[], ours: [] as number[] }
  await rateOf(bare.send)
  await rateOf(sendOurs)
  for (let round = 0; round < rounds; round++) {
    rates.bare.push(await rateOf(bare.send))
    rates.ours.push(await rateOf(sendOurs))
  }
  await ours.close()
  bare.close()
  await sink.close()
  const ratios = rates.ours.map((rate, round) => rate / (rates.bare[round] ?? 1))
  const ratio = medianOf(ratios)
  return {
    bench: 'send',
    rounds,
    rows: [
      medianRow('nodemailer pooled + DKIM', rates.bare, 'emails/s'),
      medianRow('trialpace mailer', rates.ours, 'emails/s'),
      medianRow('ratio', ratios, ''),
    ],
    checks: [metAtLeast('rate beside nodemailer pooled + DKIM', ratio, 0.8)],
  }
}
