import { lookup } from 'node:dns/promises'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { dayMs, hourMs, isoInstant, minuteMs, secondMs } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { utcDay } from '../../domain/metrics/measure-trial.ts'
import type { Clock } from '../../ports.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { Measures, WarnLog } from './measures.ts'
import { daysLater, type KpiReader } from './read-kpis.ts'

/** Hands yesterday’s figures to a webhook, once a day, with retries; days missed are made up for. */
export interface MetricsPush {
  run(): Promise<void>
}

/** Document of kind `metrics-push`, id = workspace. */
interface StoredPush {
  /** Last UTC day that was taken. */
  readonly day: string
  readonly failures: number
  readonly nextAt: number
}

const maxDaysMadeUp = 7
const timeoutMs = 15 * secondMs
const maxWaitMs = 6 * hourMs

/** Not the public internet (RFC 6890): a webhook must not reach into our own network. */
const inner = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  inner.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['::', 127],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inner.addSubnet(net, bits, 'ipv6')

const isInnerAddress = (address: string): boolean =>
  inner.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]'])
const isLoopbackUrl = (url: URL): boolean => loopbackHosts.has(url.hostname)

/** Looks up and checks in one step, so that a name cannot answer differently in between. */
const publicLookup: LookupFunction = (host, options, done) => {
  lookup(host, { all: true, family: options.family === 6 ? 6 : options.family === 4 ? 4 : 0 }).then(
    (found) => {
      const bad = found.find(({ address }) => isInnerAddress(address))
      if (bad || !found[0]) return done(new Error('The webhook’s host is not on the public internet.'), '')
      if (options.all) return done(null, found)
      done(null, found[0].address, found[0].family)
    },
    (error: NodeJS.ErrnoException) => done(error, ''),
  )
}

/** @throws Error when it was not taken; redirects are not followed. */
export function postJson(url: URL, body: string, id: string): Promise<void> {
  const isLocal = isLoopbackUrl(url)
  if (url.protocol !== 'https:' && !isLocal) return Promise.reject(new Error('The webhook must use https.'))
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!isLocal && isIP(host) !== 0 && isInnerAddress(host))
    return Promise.reject(new Error('The webhook’s host is not on the public internet.'))
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          'User-Agent': 'Trialpace',
          'Idempotency-Key': id,
        },
        signal: AbortSignal.timeout(timeoutMs),
        ...(isLocal ? {} : { lookup: publicLookup }),
      },
      (response) => {
        response.resume()
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300) resolve()
        else reject(new Error(`The webhook answered ${status}.`))
      },
    )
    request.once('error', reject)
    request.end(body)
  })
}

const retryMs = (failures: number): number => Math.min(5 * minuteMs * 2 ** failures, maxWaitMs)

export function createMetricsPush({
  url,
  workspaces,
  documents,
  reader,
  measures,
  clock,
  log,
}: {
  url: string
  workspaces: () => readonly { id: WorkspaceId; name: string }[]
  documents: DocumentStore
  reader: KpiReader
  measures: Measures
  clock: Clock
  log: WarnLog
}): MetricsPush {
  /** A flat list, as dashboards of other products take it: one row for each figure. */
  async function documentOf(workspace: { id: WorkspaceId; name: string }, day: string): Promise<string> {
    const { metrics, currency } = await reader.report(workspace.id, { from: day, to: day })
    return JSON.stringify({
      source: 'trialpace',
      workspace: workspace.name,
      date: day,
      sentAt: isoInstant(clock.now()),
      currency,
      metrics: metrics.flatMap((metric) =>
        [metric, ...metric.others].map(
          ({ id, name, unit, value, numerator, denominator, interval, quality }) => ({
            id,
            name,
            unit,
            value,
            numerator,
            denominator,
            low: interval?.low ?? null,
            high: interval?.high ?? null,
            quality,
          }),
        ),
      ),
    })
  }

  async function push(workspace: { id: WorkspaceId; name: string }): Promise<void> {
    const now = clock.now()
    const yesterday = utcDay(now - dayMs)
    const found = await documents.get<StoredPush>('metrics-push', workspace.id)
    const before = found?.body ?? { day: daysLater(yesterday, -1), failures: 0, nextAt: 0 }
    const oldest = daysLater(yesterday, -maxDaysMadeUp)
    const day = [daysLater(before.day, 1), daysLater(oldest, 1)].sort().at(-1) as string
    if (day > yesterday || now < before.nextAt) return
    // Taken before it is sent: of several servers one sends, and one that dies is followed after a while.
    const claim = { ...before, failures: before.failures + 1, nextAt: now + retryMs(before.failures) }
    const version = await documents.put<StoredPush>('metrics-push', workspace.id, claim, found?.version ?? 0)
    if (version === null) return
    try {
      await postJson(new URL(url), await documentOf(workspace, day), `${workspace.id}-${day}`)
    } catch (error) {
      return log.warn({ err: error, day }, 'the daily figures were not taken, they will be sent again')
    }
    await documents.put<StoredPush>('metrics-push', workspace.id, { day, failures: 0, nextAt: 0 }, version)
  }

  return {
    async run() {
      await measures.fold()
      for (const workspace of workspaces()) await push(workspace)
    },
  }
}
