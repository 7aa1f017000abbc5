import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Target } from './whole-server.ts'

/**
 * What one stranger does who knows the public key and one address that takes email; run by `hostile.ts`, which says
 * when to attack and when to rest.
 */

/** Another than that of the client that is measured: everything from 127 is this machine. */
const localAddress = '127.0.0.66'
const batchEvents = 20
const mostEvents = 500
const slowConnections = 300
const typedEveryMs = 1000
/** As many kinds at once as a machine can have connections to spare. */
const connectionsPerKind = 3

/** `only`: kinds of attack, as they are called below; null is all of them. */
export type Attack = Target & { readonly only: readonly string[] | null }

type Sent = { path: string; method?: string; body?: string | Buffer; headers?: Record<string, string> }

let writeKey = ''
let serial = 0
const batchOf = (messages: readonly object[]): Sent => ({
  path: '/v1/batch',
  body: JSON.stringify({ writeKey, batch: messages }),
})
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))
const pick = <T>(list: readonly T[]): T => list[serial % list.length] as T

/** `america/…` in a mix of capitals that was not sent before. */
function zoneSpelling(): string {
  let bits = serial++
  return [...'america/argentina/comodrivadavia']
    .map((letter) => {
      if (!/[a-z]/.test(letter)) return letter
      const isCapital = bits & 1
      bits >>>= 1
      return isCapital ? letter.toUpperCase() : letter
    })
    .join('')
}

const nested = (opening: string, inner: string, closing: string, depth: number): string =>
  opening.repeat(depth) + inner + closing.repeat(depth)

const badBodies: readonly (() => Sent)[] = [
  () => ({ path: '/v1/b', body: randomBytes(50_000) }),
  () => ({ path: '/v1/b', body: '{"batch":[' }),
  () => ({ path: '/v1/b', body: '', headers: { 'Content-Encoding': 'gzip' } }),
  () => ({ path: '/v1/b', body: randomBytes(5000), headers: { 'Content-Encoding': 'gzip' } }),
  // 10 MB of blanks in a few kilobytes.
  () => ({
    path: '/v1/b',
    body: gzipSync(Buffer.alloc(10_000_000, ' ')),
    headers: { 'Content-Encoding': 'gzip' },
  }),
  () => ({ path: '/v1/b', body: `{"writeKey":"${writeKey}","batch":[${'{},'.repeat(60_000)}{}]}` }),
  () => ({ path: '/v1/b', body: `data=${'%'.repeat(200_000)}` }),
  () => ({ path: '/v1/b', body: `{"writeKey":"${writeKey}","batch":[{"a":NaN},${'NaN,'.repeat(50_000)}1]}` }),
  () => ({ path: '/v1/b', body: '\\u'.repeat(200_000) }),
]
const deepBodies: readonly (() => Sent)[] = [
  'foo',
  'integrations',
  'properties',
  'traits',
  'context',
].flatMap((member) => [
  () => deep(member, nested('[', '', ']', 80_000)),
  () => deep(member, nested('{"a":', '1', '}', 60_000)),
])
const deep = (member: string, value: string): Sent => ({
  path: '/v1/b',
  body: `{"writeKey":"${writeKey}","batch":[{"type":"identify","anonymousId":"deep","${member}":${value}}]}`,
})

const guesses: readonly (() => Sent)[] = [
  () => ({ path: `/o/${randomBytes(16).toString('base64url')}.gif` }),
  () => ({ path: `/c/${randomBytes(16).toString('base64url')}/0` }),
  () => ({ path: `/u/${randomBytes(16).toString('base64url')}`, method: 'POST', body: '' }),
  () => ({ path: `/x/${randomBytes(16).toString('base64url')}`, method: 'POST', body: '' }),
  () => ({ path: `/v/${randomBytes(16).toString('base64url')}` }),
  () => ({ path: `/v1/preview/${'a'.repeat(8000)}` }),
  () =>
    form(
      '/oauth/token',
      `grant_type=authorization_code&code=${serial++}&client_id=x&code_verifier=${'a'.repeat(43)}`,
    ),
  () =>
    form('/oauth/token', `grant_type=refresh_token&refresh_token=${randomBytes(32).toString('base64url')}`),
  () => ({ path: `/oauth/authorize?client_id=x&redirect_uri=https://x.example/${serial++}` }),
  () => json('/api/session', { email: 'dana@acme.example', password: `guess ${serial++}` }),
  () => json('/api/session', { email: `${serial++}@acme.example`, password: 'x'.repeat(5000) }),
  () => ({
    path: '/api/kpis?from=0001-01-01&to=9999-12-31',
    headers: { Authorization: `Bearer sk_${serial++}` },
  }),
  () => json('/webhooks/stripe/none', { id: serial++ }),
]
const form = (path: string, body: string): Sent => ({
  path,
  method: 'POST',
  body,
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
})
const json = (path: string, body: object): Sent => ({
  path,
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
})

const track = (more: object = {}) => ({ type: 'track', event: 'Login', messageId: `x${serial++}`, ...more })

/** Each is repeated on a few connections, as fast as it is answered. */
const kinds: Readonly<Record<string, () => Sent>> = {
  flood: () => batchOf(times(batchEvents, () => track({ anonymousId: `v${serial % 5}` }))),
  'largest batches': () =>
    batchOf(times(mostEvents, () => track({ anonymousId: 'v', properties: { a: 'x'.repeat(500) } }))),
  'new people': () => batchOf(times(mostEvents, () => track({ anonymousId: `n${serial}` }))),
  'bad bodies': () => pick(badBodies)(),
  'deep JSON': () => pick(deepBodies)(),
  'time zones': () =>
    batchOf(
      times(mostEvents, () => ({
        type: 'identify',
        anonymousId: 'z',
        context: { timezone: zoneSpelling() },
      })),
    ),
  languages: () =>
    batchOf(
      times(mostEvents, () => ({
        type: 'identify',
        anonymousId: 'l',
        context: { locale: `en-x-${serial++}` },
      })),
    ),
  aliases: () =>
    batchOf(times(mostEvents, () => ({ type: 'alias', userId: 'squat', previousId: `spam-${serial++}` }))),
  tokens: () => ({
    path: '/v1/b',
    body: JSON.stringify({
      writeKey,
      batch: times(mostEvents, () => track({ userId: 'u', context: { identityToken: `a.b${serial++}.c` } })),
    }),
  }),
  guessing: () => pick(guesses)(),
}

const answers: Record<string, number> = {}
function count(what: string): void {
  answers[what] = (answers[what] ?? 0) + 1
}

function send(agent: Agent, port: number, { path, method, body, headers }: Sent): Promise<string> {
  return new Promise((resolve) => {
    const sent = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        localAddress,
        path,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { ...headers, ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }) },
      },
      (response) => {
        response.resume()
        response.on('close', () => resolve(String(response.statusCode)))
      },
    )
    sent.setTimeout(20_000, () => sent.destroy())
    sent.on('error', () => resolve('cut off'))
    sent.end(body)
  })
}

type Attacking = () => boolean

async function repeat(name: string, make: () => Sent, port: number, attacks: Attacking): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  while (attacks()) {
    const answer = await send(agent, port, make())
    serial++
    count(`${name} ${answer}`)
    // It was refused for being too fast, and goes on all the same.
    if (answer === '429' || answer === 'cut off') await pause(5)
  }
  agent.destroy()
}

/** Connections that type a letter a second and never come to an end. */
async function typeSlowly(port: number, attacks: Attacking): Promise<void> {
  const text = `POST /v1/b HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nX-Long: ${'a'.repeat(100)}`
  const open = new Set<{ socket: Socket; typed: number }>()
  while (attacks()) {
    for (let missing = slowConnections - open.size; missing > 0; missing--) {
      const slow = { socket: connect({ port, host: '127.0.0.1', localAddress }), typed: 0 }
      open.add(slow)
      slow.socket.on('error', () => slow.socket.destroy())
      slow.socket.on('close', () => {
        open.delete(slow)
        count('slow closed')
      })
    }
    for (const slow of open) slow.socket.write(text[slow.typed++ % text.length] as string)
    await pause(typedEveryMs)
  }
  for (const { socket } of open) socket.destroy()
}

const head = (more: string): string =>
  `From: a@evil.example\r\nTo: b@c.example\r\nSubject: hi\r\nMIME-Version: 1.0\r\n${more}`
const lines = (text: string): string => (text.match(/.{1,900}/gs) ?? []).join('\r\n')
const mails: readonly (() => string)[] = [
  () => head(`Content-Type: text/html; charset=utf-8\r\n\r\n${lines('<'.repeat(100_000))}`),
  () => head(`Content-Type: text/html; charset=utf-8\r\n\r\n${lines('<style'.repeat(40_000))}`),
  () =>
    head(`${`Content-Type: message/rfc822\r\n\r\n${head('')}`.repeat(500)}\r\n${'y\r\n'.repeat(300_000)}`),
  () => head(`${times(3000, (n) => `X-Huge-${n}: ${'a'.repeat(900)}\r\n`).join('')}\r\nx`),
  () => head(`Subject: ${'=?utf-8?Q?a?= '.repeat(18_000)}\r\n\r\nx`),
  () => `From: ${'a:'.repeat(60_000)};;\r\nTo: ${'('.repeat(60_000)}\r\n\r\nx`,
  () => head(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(300_000)}--b--`),
  () =>
    head(
      `Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n${'a:b\r\n\r\n'.repeat(300_000)}--b--`,
    ),
  () => head(`Content-Type: text/plain\r\n\r\non abcdefghij\r\nwrote${lines(' '.repeat(200_000))}x`),
]

let mailed = 0
/** One connection at a time, with one bad email after the other. */
async function mailBadly({ inboundPort, mailbox }: Target, attacks: Attacking): Promise<void> {
  for (let n = mailed; attacks(); mailed = ++n) {
    const mail = (mails[n % mails.length] as () => string)()
    count(`mail ${n % mails.length} ${await mailOnce(inboundPort, mailbox, mail)}`)
    await pause(10)
  }
}

function mailOnce(port: number, mailbox: string, mail: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    const said = ['EHLO evil.example', 'MAIL FROM:<a@evil.example>', `RCPT TO:<${mailbox}>`, 'DATA']
    let answer = 'no answer'
    let heard = ''
    socket.setTimeout(60_000, () => socket.destroy())
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
      const last = /^(\d{3}) .*\r\n$/m.exec(heard)
      if (!last) return
      heard = ''
      answer = last[1] as string
      const next = said.shift()
      if (next !== undefined) socket.write(`${next}\r\n`)
      else if (answer === '354') socket.write(`${mail}\r\n.\r\n`)
      else socket.end('QUIT\r\n')
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(answer))
  })
}

let isAttacking = false
let resting: Promise<unknown> = Promise.resolve()

function attack({ only, ...target }: Attack): Promise<unknown> {
  writeKey = target.writeKey
  const attacks = () => isAttacking
  const ways: Readonly<Record<string, () => Promise<unknown>>> = {
    ...Object.fromEntries(
      Object.entries(kinds).map(([name, make]) => [
        name,
        () => Promise.all(times(connectionsPerKind, () => repeat(name, make, target.port, attacks))),
      ]),
    ),
    typing: () => typeSlowly(target.port, attacks),
    mail: () => mailBadly(target, attacks),
  }
  return Promise.all(
    (only ?? Object.keys(ways)).map((name) => {
      const way = ways[name]
      if (!way) throw new Error(`no attack is called ${name}: ${Object.keys(ways)}`)
      return way()
    }),
  )
}

process.on('message', async (message: Attack | 'rest') => {
  isAttacking = message !== 'rest'
  if (message !== 'rest') resting = attack(message)
  else {
    await resting
    process.send?.(answers)
  }
})
process.send?.('ready')
