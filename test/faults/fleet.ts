import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../support/ports.ts'
import { createSmtpSink, type SmtpSink } from '../support/smtp-sink.ts'
import { type FleetClient, fleetClient, startLoad } from './fleet-load.ts'
import { type FleetPlace, type FleetProcess, fleetProcess } from './fleet-process.ts'
import { emptyVerdict, type Verdict } from './observer.ts'

export interface FleetReport {
  readonly restarts: number
  readonly kills: number
  readonly pauses: number
  readonly events: number
  readonly emails: number
  /** During the rolling restart. */
  readonly resets: number
  /** During the rolling restart: by a client that tries once more, at the other server. */
  readonly failedRequests: number
  readonly startMs: readonly number[]
  readonly drainMs: readonly number[]
  readonly lost: number
  readonly duplicates: number
  readonly wrong: number
}

export interface FleetSize {
  readonly trialists: number
  readonly eventsPerSecond: number
  /** Between two blows. */
  readonly restMs: number
  /** How long one of each kind is paused. In the full suite longer than the lease of a trial. */
  readonly workerPauseMs: number
  readonly webPauseMs: number
}

export const fleetSizes: Record<'quick' | 'full', FleetSize> = {
  quick: { trialists: 24, eventsPerSecond: 500, restMs: 500, workerPauseMs: 3_000, webPauseMs: 2_000 },
  full: { trialists: 200, eventsPerSecond: 500, restMs: 3_000, workerPauseMs: 75_000, webPauseMs: 15_000 },
}

const dayMs = 86_400_000

/** One email each: the reminder three days before the end, which falls due while the fleet is under fire. */
const playbook = {
  product: {
    name: 'Acme',
    url: 'https://acme.example',
    upgradeUrl: 'https://acme.example/upgrade',
    postalAddress: '1 Acme Road',
  },
  senders: {
    product: { name: 'Acme', address: 'hello@acme.example' },
    rep: { name: 'Dana', address: 'dana@acme.example' },
  },
  trial: { lengthDays: 14 },
  milestones: [{ name: 'Board', event: 'Board Created' }],
  pace: { converters: [] },
  messages: [
    {
      class: 'trial',
      window: 'any',
      id: 'expiring-passive',
      kind: 'expiring_passive',
      anchor: 'trialEnd',
      offset: '-3d',
      when: { segment: ['unaware', 'exploring'] },
      repeat: 'perCycle',
      quotesEnd: true,
    },
  ],
  survey: {
    question: 'Why not?',
    answers: [
      { id: 'price', text: 'Price' },
      { id: 'other', text: 'Other' },
    ],
  },
}

/** Web servers answer requests, workers send; on the embedded database one process does both. */
interface Fleet {
  readonly webs: readonly FleetProcess[]
  readonly workers: readonly FleetProcess[]
  readonly all: readonly FleetProcess[]
}

async function createFleet(place: FleetPlace): Promise<Fleet> {
  const process = async (name: string, role: string) => fleetProcess(place, name, role, await freePort())
  if (!('MONGODB_URI' in place.database)) {
    const only = [await process('all', 'all')]
    return { webs: only, workers: only, all: only }
  }
  const webs = [await process('web-1', 'web'), await process('web-2', 'web')]
  const workers = [await process('worker-1', 'worker'), await process('worker-2', 'worker')]
  return { webs, workers, all: [...webs, ...workers] }
}

async function setUp(client: FleetClient, port: number, users: readonly string[], dueOverMs: number) {
  const current = await client.call(port, 'GET', '/api/playbook')
  const etag = String(current.headers.etag)
  const put = await client.call(port, 'PUT', '/api/playbook', playbook, { 'If-Match': etag })
  if (put.status !== 200) throw new Error(`the playbook was refused: ${JSON.stringify(put.body)}`)
  // The other processes read it within six seconds, on a busy machine some later.
  await sleep(15_000)
  for (const [index, user] of users.entries()) {
    const answer = await client.call(port, 'PUT', `/api/trialists/${user}`, {
      email: `${user}@customer.example`,
      name: user,
      trial: {
        startsAt: new Date(Date.now() - 10 * dayMs).toISOString(),
        endsAt: new Date(Date.now() + 3 * dayMs + 5_000 + (index / users.length) * dueOverMs).toISOString(),
      },
    })
    if (answer.status >= 300) throw new Error(`a trialist was refused: ${JSON.stringify(answer.body)}`)
  }
}

/** Kills, then pauses: both of one kind are never away, so clients and emails always have someone. */
async function fire({ webs, workers }: Fleet, size: FleetSize, started: number[]) {
  const victims = [...new Set([workers[0] as FleetProcess, webs[0] as FleetProcess])]
  for (const victim of victims) {
    await sleep(size.restMs)
    await victim.kill()
    await sleep(size.restMs)
    started.push(await victim.start())
  }
  for (const victim of victims) {
    await sleep(size.restMs)
    victim.pause()
    await sleep(victim === workers[0] ? size.workerPauseMs : size.webPauseMs)
    victim.resume()
  }
  return { kills: victims.length, pauses: victims.length }
}

interface StoredTrialist {
  readonly counts: Readonly<Record<string, number>>
  readonly messages: readonly { readonly state: string }[]
  readonly decisions: readonly { readonly outcome: string; readonly why: string }[]
}

/** Compares what the clients were told, what the mail server took and what the API says. */
async function judge(
  client: FleetClient,
  port: number,
  users: readonly string[],
  acknowledged: ReadonlyMap<string, number>,
  sink: SmtpSink,
): Promise<Verdict> {
  const verdict = emptyVerdict()
  for (const user of users) {
    const { body } = await client.call(port, 'GET', `/api/trialists/${user}`)
    const { counts, messages, decisions } = body as StoredTrialist
    const counted = counts['Card Completed'] ?? 0
    const wanted = acknowledged.get(user) ?? 0
    if (counted < wanted) verdict.lost += wanted - counted
    if (counted > wanted) verdict.duplicates += counted - wanted
    if (counted !== wanted)
      verdict.findings.push(`${user}: ${counted} events counted, ${wanted} acknowledged`)
    const copies = sink.ledger.filter(({ to }) => to === `${user}@customer.example`).length
    const states = messages.map(({ state }) => state)
    verdict.copiesMax = Math.max(verdict.copiesMax, copies)
    if (states.includes('unknown') && copies <= 1) continue
    if (copies === 0) verdict.lost++
    if (copies > 1) verdict.duplicates += copies - 1
    const why = decisions.map((decision) => `${decision.outcome}: ${decision.why}`).join('; ')
    if (copies !== 1)
      verdict.findings.push(`${user}: ${copies} copies, ${states.join(', ') || 'no message'} (${why})`)
  }
  return verdict
}

/** Until nothing is under way: what a killed server had logged and not counted is counted by a sweep, minutes later at most. */
async function settled(
  client: FleetClient,
  port: number,
  users: readonly string[],
  acknowledged: ReadonlyMap<string, number>,
): Promise<void> {
  const until = Date.now() + 150_000
  const done = new Set(['sent', 'unknown', 'failed', 'superseded'])
  for (const user of users)
    while (Date.now() < until) {
      const { body } = await client.call(port, 'GET', `/api/trialists/${user}`)
      const { counts, messages } = body as StoredTrialist
      const isCounted = (counts['Card Completed'] ?? 0) >= (acknowledged.get(user) ?? 0)
      if (isCounted && messages.length > 0 && messages.every(({ state }) => done.has(state))) break
      await sleep(500)
    }
}

/**
 * A fleet under load: rolling restart, kills and pauses, while every trialist has one email due and clients send events.
 * @param mongodbUri null: one process on the embedded database.
 */
export async function runFleet(
  root: string,
  mongodbUri: string | null,
  size: FleetSize,
): Promise<{ report: FleetReport; verdict: Verdict }> {
  const folder = mkdtempSync(join(tmpdir(), 'trialpace-fleet-'))
  const sink = await createSmtpSink({})
  const client = fleetClient()
  const place: FleetPlace = {
    root,
    folder,
    smtpUrl: sink.url,
    database: {
      TRIALPACE_DATA_DIR: join(folder, 'data'),
      ...(mongodbUri && { MONGODB_URI: withDatabase(mongodbUri, `fleet_${Date.now().toString(36)}`) }),
    },
  }
  const fleet = await createFleet(place)
  try {
    const startMs = await Promise.all(fleet.all.map((each) => each.start()))
    const port = fleet.webs.at(-1)?.port as number
    const users = Array.from({ length: size.trialists }, (_, index) => `user-${index}`)
    await setUp(client, port, users, size.workerPauseMs + 20 * size.restMs)
    const load = startLoad(
      client,
      fleet.webs.map((web) => web.port),
      users,
      size.eventsPerSecond,
    )
    await sleep(size.restMs)
    const drainMs: number[] = []
    for (const each of fleet.all) {
      drainMs.push(await each.stop())
      startMs.push(await each.start())
      await sleep(size.restMs)
    }
    const { resets, failedTwice } = load.stats
    const blows = await fire(fleet, size, startMs)
    await sleep(size.restMs)
    await load.stop()
    await settled(client, port, users, load.acknowledged)
    const verdict = await judge(client, port, users, load.acknowledged, sink)
    // One process has no other to try, so only its resets tell.
    const isAlone = fleet.all.length === 1
    if (resets > 0) verdict.findings.push(`${resets} connections were reset by the rolling restart`)
    if (!isAlone && failedTwice > 0)
      verdict.findings.push(
        `${failedTwice} requests failed twice during the rolling restart (${load.stats.failures[0]})`,
      )
    const report: FleetReport = {
      restarts: fleet.all.length,
      ...blows,
      events: load.stats.events,
      emails: sink.ledger.length,
      resets,
      failedRequests: failedTwice,
      startMs: startMs.map(Math.round),
      drainMs: drainMs.map(Math.round),
      lost: verdict.lost,
      duplicates: verdict.duplicates,
      wrong: verdict.wrong,
    }
    return { report, verdict }
  } finally {
    for (const each of fleet.all) await each.kill()
    client.close()
    await sink.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The address with another database in it. */
function withDatabase(uri: string, name: string): string {
  const [address = '', query] = uri.split('?')
  const slash = address.indexOf('/', address.indexOf('//') + 2)
  return `${slash < 0 ? address : address.slice(0, slash)}/${name}${query === undefined ? '' : `?${query}`}`
}
