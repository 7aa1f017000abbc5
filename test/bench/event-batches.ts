import { createHmac } from 'node:crypto'
import { identitySecret, writeKey } from '../support/serve-collect.ts'

const names = ['Board Created', 'Card Completed', 'Card Moved', 'Teammate Invited', 'Comment Added']
const idPattern = '00000000-0000-7000-8000-000000000000'
const userPattern = 'user-000000'
const tokenLifeS = 3500

interface BatchShape {
  readonly events: number
  readonly users: number
  /** Whose events they are: users’, unless said otherwise. */
  readonly as?: 'userId' | 'anonymousId'
  readonly key?: string
}

export const userOf = (n: number): string => `user-${String(n).padStart(6, '0')}`

/**
 * Batches as a library for servers sends them: events of one user, ids in time order, about 210 bytes an event. Every
 * batch is made by overwriting ids in one buffer, so that making them costs next to nothing.
 */
export function createBatches({ events, users, as = 'userId', key = writeKey }: BatchShape): () => Buffer {
  const now = Date.now()
  const body = {
    writeKey: key,
    batch: Array.from({ length: events }, (_, index) => ({ ...trackCall(index, now), [as]: userPattern })),
    sentAt: new Date(now).toISOString(),
  }
  return overwriting(JSON.stringify(body), now, users, null)
}

/**
 * Batches as our own browser code sends them: with page, language and zone beside each event, the proof of who the
 * user is, and the wish for the trial, the nudges and the rules, of which it has the present ones.
 * @param rulesEtag what {@link learnRulesEtag} has found.
 */
export function createSdkBatches({ events, users }: BatchShape, rulesEtag: string | null): () => Buffer {
  const now = Date.now()
  const body = {
    writeKey,
    batch: Array.from({ length: events }, (_, index) => ({
      ...trackCall(index, now),
      userId: userPattern,
      anonymousId: idPattern,
      context: {
        library: { name: 'trialpace', version: '0.1.0' },
        page: {
          path: '/boards/42',
          referrer: 'https://app.example.com/boards',
          search: '',
          title: 'Roadmap – Boardly',
          url: 'https://app.example.com/boards/42',
        },
        locale: 'en',
        timezone: 'Europe/Berlin',
      },
    })),
    sentAt: new Date(now).toISOString(),
    nudges: true,
    ...(rulesEtag !== null && { rulesEtag }),
    locale: 'en',
    identityToken: tokenOf(userOf(0), now),
  }
  const tokens = Array.from({ length: users }, (_, n) => tokenOf(userOf(n), now))
  return overwriting(JSON.stringify(body), now, users, tokens)
}

/** The rules that a new user of the server there has. */
export async function learnRulesEtag(port: number): Promise<string> {
  const body = createSdkBatches({ events: 1, users: 1 }, null)()
  const response = await fetch(`http://127.0.0.1:${port}/v1/b`, {
    method: 'POST',
    body: new Uint8Array(body),
  })
  const { rules } = (await response.json()) as { rules?: { etag: string } }
  if (!rules) throw new Error('the answer holds no rules')
  return rules.etag
}

const trackCall = (index: number, now: number) => ({
  type: 'track',
  event: names[index % names.length],
  messageId: idPattern,
  timestamp: new Date(now - 1000 + index).toISOString(),
  properties: { plan: 'trial', board: index, source: 'keyboard' },
})

function tokenOf(userId: string, now: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(now / 1000) + tokenLifeS
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: userId, exp })}`
  return `${signed}.${createHmac('sha256', identitySecret).update(signed).digest('base64url')}`
}

/** @param tokens of each user, all of one length; null when none is sent. */
function overwriting(text: string, now: number, users: number, tokens: readonly string[] | null) {
  const body = Buffer.from(text)
  const calls = positionsOf(body, `"messageId":"${idPattern}`).map((at) => at + '"messageId":"'.length)
  const visitors = positionsOf(body, `"anonymousId":"${idPattern}`).map((at) => at + '"anonymousId":"'.length)
  const usersAt = positionsOf(body, userPattern)
  const tokenAt = tokens === null ? null : body.indexOf(tokens[0] as string)
  const run = Math.floor(Math.random() * 0xffff)
    .toString(16)
    .padStart(4, '0')
  const stamp = now.toString(16).padStart(12, '0')
  const uuid = (count: string) =>
    `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${count.slice(0, 3)}-8${run.slice(1)}-${count}`
  const hex = (n: number) => n.toString(16).padStart(12, '0')
  let serial = 0
  let next = 0
  return () => {
    const batch = Buffer.from(body)
    const user = next++ % users
    for (const at of calls) batch.write(uuid(hex(serial++)), at, 'latin1')
    for (const at of visitors) batch.write(`00000000-0000-7000-8000-${hex(user)}`, at, 'latin1')
    for (const at of usersAt) batch.write(userOf(user), at, 'latin1')
    if (tokens !== null && tokenAt !== null) batch.write(tokens[user] as string, tokenAt, 'latin1')
    return batch
  }
}

function positionsOf(body: Buffer, text: string): number[] {
  const positions: number[] = []
  for (let at = body.indexOf(text); at >= 0; at = body.indexOf(text, at + 1)) positions.push(at)
  return positions
}
