import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { type CollectAnswer, collectLimits } from '../../../shared/collect.ts'
import type { ProblemType } from '../../../shared/problems.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import { createLateRefusals } from '../../http/late-refusals.ts'
import { answerJson, answerShortJson } from '../../http/raw-answer.ts'
import { readBody } from '../../http/read-body.ts'
import { createTokenBuckets } from '../../http/token-bucket.ts'
import type { Clock, Ids } from '../../ports.ts'
import { type Fold, type Storage, StorageUnavailable } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import type { Memberships } from '../trials/memberships.ts'
import { isCrawler } from './bots.ts'
import type { OnEcho } from './click-echo.ts'
import { accessOf, bearerToken, keyOf } from './credentials.ts'
import { answerPreflight, open } from './cross-origin.ts'
import { type EventFeed, refusedRequest } from './event-feed.ts'
import { createEventIntake, type Sender } from './event-intake.ts'
import { createLongTurns } from './long-turns.ts'
import { type ParsedBody, parseBody } from './parse-body.ts'
import { answerPicture, parsePixel } from './pixel.ts'
import {
  bodyRefusals,
  type Refusal,
  rateLimited,
  refusals,
  refuseWith,
  tooManyFromAddress,
} from './refusal.ts'
import { type CollectPath, collectPath, pixelPath, singleSlashes } from './routes.ts'
import { createSenderLimit } from './sender-limit.ts'
import { createVendorSettings } from './vendor-settings.ts'

interface CollectLimits {
  /** Requests per second and key in the long run, and at once. */
  readonly requestsPerSecond: number
  readonly burst: number
  /** Requests gather this long, or until so many events, before they are committed together … */
  readonly holdMs: number
  /** … and not at all as long as a commit takes less than this. */
  readonly cheapCommitMs: number
  readonly groupEvents: number
  /** Bytes of requests that may wait for the database; above it the answer is 503. */
  readonly queueBytes: number
  readonly groupsInFlight: number
}

const defaultCollectLimits: CollectLimits = {
  requestsPerSecond: 1000,
  burst: 5000,
  holdMs: 1,
  cheapCommitMs: 0.3,
  groupEvents: 1000,
  queueBytes: 32 * 1024 * 1024,
  groupsInFlight: 4,
}

/** Takes about a millisecond; a batch of our own browser code is shorter. */
const longBytes = 24 * 1024

export interface CollectOptions {
  readonly storage: Storage
  readonly workspaces: Workspaces
  readonly playbooks: Playbooks
  readonly changes: TrialChanges
  readonly memberships: Memberships
  readonly fold: Fold
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly limits?: Partial<CollectLimits>
  /** Whom to count a request on, and how many a second one may send; without it addresses are not counted. */
  readonly addresses?: { readonly of: (request: IncomingMessage) => string; readonly perSecond: number }
  /** Origin under which browsers reach this server; read from the request when absent. */
  readonly publicUrl?: string
  /** A second clock by which signed identities may be valid: the real one where `clock` can be moved. */
  readonly wallNow?: () => number
  /** Told when the browser of a known person says which email brought it. */
  readonly onEcho?: OnEcho
  /** Where those who watch see what arrives. */
  readonly feed?: EventFeed
}

interface CollectStats {
  readonly requests: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  /** Events of robots, which are among the rejected. */
  readonly bots: number
  /** Whole requests that were not taken, by problem type. */
  readonly refused: Readonly<Partial<Record<ProblemType, number>>>
  readonly waitingEvents: number
  readonly waitingBytes: number
}

export interface Collect {
  /** @returns false when the path is not ours; then nothing was touched. */
  handle(request: IncomingMessage, response: ServerResponse): boolean
  /** Resolves when every event received so far is stored or refused. */
  drain(): Promise<void>
  /** Refuses new events (503), then drains. */
  close(): Promise<void>
  stats(): CollectStats
}

interface Received {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly parsed: ParsedBody
  readonly query: string
  readonly bytes: number
  readonly pixel?: boolean
}

/** The HTTP door for events, dispatched before Express: that alone would cost more than all that happens here. */
export function createCollect(options: CollectOptions): Collect {
  const { workspaces, log } = options
  const limits = { ...defaultCollectLimits, ...options.limits }
  const buckets = createTokenBuckets({ perSecond: limits.requestsPerSecond, burst: limits.burst })
  const senders = options.addresses && createSenderLimit(options.addresses, workspaces)
  const refuseLater = createLateRefusals()
  const intake = createEventIntake(options, limits)
  const longTurns = createLongTurns(longBytes)
  const vendorSettings = createVendorSettings(workspaces, options.publicUrl)
  const counts = { requests: 0, accepted: 0, duplicates: 0, rejected: 0, bots: 0 }
  const refused: Partial<Record<ProblemType, number>> = {}
  let closing = false
  let busy = 0
  let idle: (() => void)[] = []

  const refuse = (response: ServerResponse, refusal: Refusal) => {
    refused[refusal.problem] = (refused[refusal.problem] ?? 0) + 1
    refuseWith(response, refusal)
  }

  const receive = async (
    request: IncomingMessage,
    response: ServerResponse,
    path: CollectPath,
    query: string,
  ) => {
    const seconds = senders?.take(request) ?? 0
    if (seconds > 0) return refuseLater(request, () => refuse(response, tooManyFromAddress(seconds)))
    const read = await readBody(request, collectLimits.batchBytes)
    if (!read.ok) return read.fault === 'gone' ? undefined : refuse(response, bodyRefusals[read.fault])
    const turn = longTurns(read.bytes.length)
    if (turn) await turn
    const parsed = parseBody(read.bytes, path, () => request.headers['content-type'])
    return take({ request, response, parsed, query, bytes: read.bytes.length })
  }

  const take = async ({ request, response, parsed, query, bytes, pixel = false }: Received) => {
    if (closing) return refuse(response, refusals.busy)
    const key = keyOf(request, parsed.ok ? parsed.body.writeKey : null, query)
    const access = key === null ? null : accessOf(workspaces, key)
    if (access?.trusted) senders?.forgive(request)
    if (access) {
      const seconds = buckets.take(key as string, performance.now())
      if (seconds > 0) return refuse(response, rateLimited(seconds))
    }
    // A body that cannot be read may be the reason why no key was found.
    if (!parsed.ok) return refuse(response, { problem: parsed.problem, detail: parsed.detail })
    if (!access) {
      options.feed?.tellAll(refusedRequest(key === null ? 'no_key' : 'unknown_key', options.clock.now()))
      return refuse(response, key === null ? refusals.noKey : refusals.unknownKey)
    }
    const sender: Sender = {
      bearer: bearerToken(request),
      isCrawler: () => isCrawler(request),
      costs: (cost) => senders?.charge(request, { bytes, ...cost }),
    }
    const answer = await intake.take(parsed.body, access, sender, bytes)
    if (!answer) return refuse(response, refusals.busy)
    count(answer)
    if (pixel) answerPicture(response)
    else if (answer.rejected.length > 0 || answer.ignored || answer.trial || answer.nudges || answer.identity)
      answerJson(response, 200, answer, open)
    else
      answerShortJson(
        response,
        `{"success":true,"now":${answer.now},"accepted":${answer.accepted},"duplicates":${answer.duplicates},"rejected":[]}`,
      )
  }

  const count = ({ accepted, duplicates, rejected }: CollectAnswer) => {
    counts.accepted += accepted
    counts.duplicates += duplicates
    counts.rejected += rejected.length
    for (const { code } of rejected) if (code === 'bot') counts.bots++
  }

  const fail = (response: ServerResponse, error: unknown) => {
    if (error instanceof StorageUnavailable) {
      log.warn({ err: error }, 'events could not be stored')
      refuse(response, refusals.unavailable)
    } else {
      log.error({ err: error }, 'events could not be taken')
      refuse(response, refusals.broken)
    }
  }

  const serve = async (response: ServerResponse, work: () => Promise<void>) => {
    busy++
    try {
      await work()
    } catch (error) {
      fail(response, error)
    } finally {
      if (--busy === 0) {
        for (const resolve of idle) resolve()
        idle = []
      }
    }
  }
  const drain = (): Promise<void> =>
    busy === 0
      ? intake.queue.drain()
      : new Promise((resolve) => {
          idle.push(resolve)
        })

  return {
    handle(request, response) {
      const url = request.url ?? ''
      const mark = url.indexOf('?')
      const path = singleSlashes(mark < 0 ? url : url.slice(0, mark))
      const query = mark < 0 ? '' : url.slice(mark + 1)
      const collects = collectPath(path)
      const pixel = pixelPath(path)
      if (pixel && request.method === 'GET') {
        counts.requests++
        const seconds = senders?.take(request) ?? 0
        if (seconds > 0) {
          refuseLater(request, () => refuse(response, tooManyFromAddress(seconds)))
          return true
        }
        const parsed = parsePixel(query, pixel)
        void serve(response, () =>
          take({ request, response, parsed, query, bytes: query.length, pixel: true }),
        )
        return true
      }
      if (!collects) return vendorSettings.handle(request, response, path, query)
      if (request.method === 'OPTIONS') answerPreflight(request, response, 'POST')
      else if (request.method !== 'POST')
        refuseWith(response, refusals.wrongMethod, { ...open, Allow: 'POST, OPTIONS' })
      else {
        counts.requests++
        void serve(response, () => receive(request, response, collects, query))
      }
      return true
    },
    drain,
    close() {
      closing = true
      return drain()
    },
    stats() {
      const { events, bytes } = intake.queue.waiting()
      return { ...counts, refused: { ...refused }, waitingEvents: events, waitingBytes: bytes }
    },
  }
}
