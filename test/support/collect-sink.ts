import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import express from 'express'
import { createSdkFiles } from '../../server/features/operations/sdk-files.ts'
import type { CollectAnswer, LocalRules, NudgeInstance, TrialSnapshot } from '../../shared/collect.ts'

/** A collect server for tests of the SDK alone: it keeps what arrives and answers what the test says. */

interface SinkEvent {
  type: string
  messageId: string
  anonymousId: string
  userId?: string
  event?: string
  name?: string
  timestamp: string
  properties?: Record<string, unknown>
  traits?: Record<string, unknown>
  context?: Record<string, unknown>
}

interface SinkRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
  at: number
  body: {
    writeKey: string
    batch: SinkEvent[]
    sentAt?: string
    rulesEtag?: string
    identityToken?: string
    locale?: string
  } | null
}

export interface CollectSink {
  readonly origin: string
  readonly requests: SinkRequest[]
  /** Every event as it arrived, repeats included. */
  events(): SinkEvent[]
  /** By message id, as a server that dedupes would store them. */
  stored(): Map<string, SinkEvent>
  named(event: string): SinkEvent[]
  /** Extra members of the answer to a batch. */
  answer: (batch: SinkEvent[]) => Partial<CollectAnswer>
  delayMs: number
  /** What to do with a request instead of taking it. */
  failure: null | 'drop' | { status: number; retryAfter?: string }
  /** Pages by path; their headers hold the CSP of the test. */
  page(path: string, html: string, headers?: Record<string, string>): string
  close(): Promise<void>
}

export const root = path.join(import.meta.dirname, '../..')

const readBody = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

export async function startCollectSink(): Promise<CollectSink> {
  const requests: SinkRequest[] = []
  const pages = new Map<string, { html: string; headers: Record<string, string> }>()
  const app = express()
  const stored = new Map<string, SinkEvent>()

  async function collect(request: IncomingMessage, response: ServerResponse) {
    const text = await readBody(request).catch(() => '')
    const body = text ? (JSON.parse(text) as SinkRequest['body']) : null
    const { failure } = sink
    if (failure === 'drop') return void request.socket.destroy()
    response.setHeader('access-control-allow-origin', '*')
    if (failure) {
      response.statusCode = failure.status
      if (failure.retryAfter) response.setHeader('retry-after', failure.retryAfter)
      response.setHeader('access-control-expose-headers', 'retry-after')
      return void response.end()
    }
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      at: Date.now(),
      body,
    })
    const batch = body?.batch ?? []
    // The stub leaves naming to the server.
    for (const event of batch) event.messageId ??= `server-${stored.size}-${batch.indexOf(event)}`
    const fresh = batch.filter((event) => !stored.has(event.messageId))
    for (const event of fresh) stored.set(event.messageId, event)
    const answer: CollectAnswer = {
      success: true,
      now: Date.now(),
      accepted: fresh.length,
      duplicates: batch.length - fresh.length,
      rejected: [],
      ...sink.answer(batch),
    }
    if (sink.delayMs) await new Promise((resolve) => setTimeout(resolve, sink.delayMs))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer))
  }
  app.use(createSdkFiles({ distDir: path.join(root, 'dist/sdk') }).router)
  app.use((request, response, next) => {
    const page = pages.get(request.path)
    if (!page) return next()
    response.set({ 'content-type': 'text/html; charset=utf-8', ...page.headers }).send(page.html)
  })
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/v1/')) void collect(request, response)
    else app(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sink: CollectSink = {
    origin,
    requests,
    events: () => requests.flatMap(({ body }) => body?.batch ?? []),
    stored: () => stored,
    named: (event) => [...stored.values()].filter((it) => it.event === event),
    answer: () => ({}),
    delayMs: 0,
    failure: null,
    page: (at, html, headers = {}) => {
      pages.set(at, { html, headers })
      return origin + at
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return sink
}

/** A page with the snippet in it. */
export const snippetPage = (body = '', attributes = '', head = ''): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Test page</title><link rel="icon" href="data:,">${head}
<script async src="/sdk/v1/tp.js" data-key="pk_test" ${attributes}></script></head>
<body>${body}</body></html>`

export const aNudge = (over: Partial<NudgeInstance> = {}): NudgeInstance => ({
  id: 'upgrade',
  format: 'modal',
  title: 'You have made 14 reports',
  body: 'That saved your team about **280 minutes**. Keep them coming after 24 January.',
  action: { label: 'Upgrade now', url: '/upgrade' },
  dismiss: 'Not now',
  question: null,
  answers: [],
  anchor: null,
  meter: null,
  priority: 50,
  maxShows: 3,
  snoozeMs: 86_400_000,
  locale: 'en',
  dir: 'ltr',
  cause: null,
  ...over,
})

export const aTrial = (over: Partial<TrialSnapshot> = {}): TrialSnapshot => ({
  status: 'trialing',
  segment: 'exploring',
  endsAt: new Date(Date.now() + 3 * 86_400_000 + 4.5 * 3_600_000).toISOString(),
  milestones: [
    { name: 'Create a board', event: 'Board Created', count: 1, threshold: 1, reached: true },
    {
      name: 'Invite a teammate',
      event: 'Teammate Invited',
      count: 0,
      threshold: 1,
      reached: false,
      hint: 'Boards with two people are finished three times as often.',
      url: '/invite',
    },
    { name: 'Complete 3 cards', event: 'Card Completed', count: 1, threshold: 3, reached: false },
  ],
  values: { minutesSaved: 280 },
  counts: {},
  ...over,
})

export const someRules = (over: Partial<LocalRules> = {}): LocalRules => ({
  etag: 'r1',
  urgent: ['Report Made'],
  rules: [],
  caps: { perSession: 3, perDay: 3, perWeek: 8, gapMs: 60_000 },
  ...over,
})
