import { pino } from 'pino'
import { createIds } from '../../server/adapters/ids.ts'
import { createSmtpMailer } from '../../server/adapters/smtp-mailer.ts'
import { createMovableClock, type MovableClock } from '../../server/demo/movable-clock.ts'
import { createFold } from '../../server/features/collect/fold-events.ts'
import { createDueLoop, type DueLoop } from '../../server/features/messages/due-loop.ts'
import type { SenderDependencies } from '../../server/features/messages/send-message.ts'
import { createTrialChanges, type TrialChanges } from '../../server/features/trials/change-trial.ts'
import { type LoggedEvent, type Storage, StorageUnavailable } from '../../server/storage/port.ts'
import { hourMs } from '../../shared/clock.ts'
import { trialIdOfUser } from '../../shared/trial.ts'
import { createFakeRenderer } from '../support/fake-renderer.ts'
import { testSuppressions } from '../support/suppressions.ts'
import { breakProtocol } from './mutants.ts'
import type { Expected, Job, RaceCommand, RaceResult, Report } from './protocol.ts'
import { raceCommands } from './protocol.ts'
import { openStorage, playbooks, seedTrial, workspaceId, workspaces } from './world.ts'

/** One server process of the fault suite: the real due loop, storage and mailer, told by its parent what to do. */

const log = pino({ level: process.env.FAULT_LOG ?? 'silent' }, pino.destination(2))
const ids = createIds()

const report = (message: Report): Promise<void> =>
  new Promise((resolve, reject) =>
    process.send?.(message, (error: Error | null) => (error ? reject(error) : resolve())),
  )

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Server {
  readonly clock: MovableClock
  readonly storage: Storage
  readonly changes: TrialChanges
  readonly loop: DueLoop
  close(): Promise<void>
}

async function startServer(job: Job, faults: NonNullable<SenderDependencies['faults']>): Promise<Server> {
  const clock = createMovableClock(job.now)
  const storage = await openStorage(job.storage)
  const real = {
    storage,
    changes: createTrialChanges({ storage, playbooks, clock }),
    mailer: createSmtpMailer({ url: job.smtpUrl, log, answerTimeoutMs: 5000, pool: { connections: 4 } }),
  }
  const { mailer, changes } = breakProtocol(real, job.mutant)
  const loop = createDueLoop({
    storage,
    changes,
    suppressions: testSuppressions(storage.documents, () => clock.now()),
    mailer,
    playbooks,
    workspaces,
    clock,
    log,
    faults,
    renderer: createFakeRenderer(),
    random: Math.random,
    owner: ids.uuid(Date.now()),
    concurrency: 4,
    leaseMs: job.leaseMs,
    publicUrl: 'https://trial.acme.example',
    mailDomain: 'acme.example',
    mailFrom: 'hello@acme.example',
  })
  const close = async () => {
    await loop.stop()
    await real.mailer.close()
    await storage.close()
  }
  return { clock, storage, changes: real.changes, loop, close }
}

async function seedAll(
  job: Extract<Job, { seed: unknown }>,
  { changes, clock }: Server,
): Promise<Expected[]> {
  const expected: Expected[] = []
  for (const planned of job.seed) expected.push(await seedTrial(planned, changes, clock.now()))
  await report({ type: 'seeded', expected })
  return expected
}

/** Lets time pass through every due moment before `until`; waits for leases that a dead worker left. */
async function passTime({ loop, storage, clock }: Server, until: number): Promise<void> {
  for (;;) {
    await loop.drain()
    const nextAt = await storage.trials.nextDueAt()
    if (nextAt === null || nextAt > until) return
    if (nextAt > clock.now()) clock.moveTo(nextAt)
    else await pause(20)
  }
}

async function runSend(job: Extract<Job, { job: 'send' }>): Promise<void> {
  const { fault } = job
  let armed = fault !== undefined
  const server = await startServer(job, (point, _trialId, kind) => {
    if (!armed || point !== fault?.point || (kind !== null && kind !== fault.kind)) return
    armed = false
    process.kill(process.pid, fault.signal)
  })
  await seedAll(job, server)
  await passTime(server, Math.max(job.until, server.clock.now()))
  await server.close()
}

function commandOf(command: RaceCommand, now: number) {
  const by = { kind: 'rep', name: 'Dana' } as const
  switch (command) {
    case 'extend':
      return { type: 'extend', id: ids.uuid(now), days: 7, reason: 'race', note: '', by } as const
    case 'convert':
      return { type: 'convert', plan: 'pro', at: now, by } as const
    case 'unsubscribe':
      return { type: 'suppress', reason: 'unsubscribed' } as const
  }
}

/** Each email meets one command that arrives up to 50 ms after the email was claimed. */
async function runRaces(job: Extract<Job, { job: 'races' }>): Promise<void> {
  const races = new Map<string, Promise<RaceResult>>()
  const byTrial = new Map<string, string>()
  const server = await startServer(job, (point, trialId) => {
    if (point === 'after-claim' && !races.has(trialId))
      races.set(trialId, race(trialId as Expected['trialId']))
  })
  let random = job.random
  const nextRandom = () => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
    return random / 2 ** 32
  }

  async function race(trialId: Expected['trialId']): Promise<RaceResult> {
    const command = raceCommands[Math.floor(nextRandom() * raceCommands.length)] as RaceCommand
    await pause(nextRandom() * 50)
    const userId = byTrial.get(trialId)
    const isTeam = trialId !== trialIdOfUser(workspaceId, userId ?? '')
    const told = commandOf(command, server.clock.now())
    const result = await server.changes.change(trialId, isTeam && userId ? { ...told, userId } : told)
    return {
      userId: userId ?? '',
      command,
      accepted: result?.outcome.ok ?? false,
      stateAtCommit: result?.trial.outbox[0]?.state ?? null,
    }
  }

  for (const { trialId, userId } of await seedAll(job, server)) byTrial.set(trialId, userId)
  await passTime(server, server.clock.now())
  await report({ type: 'raced', results: await Promise.all(races.values()) })
  // On a busy machine the last check may take too long: such an email leaves at its next try.
  await passTime(server, server.clock.now() + hourMs)
  await server.close()
}

/** Sends again what was answered with 503, as every client does. */
async function asClientsDo(send: () => Promise<unknown>): Promise<void> {
  for (let left = 20; ; left--)
    try {
      await send()
      return
    } catch (error) {
      if (!(error instanceof StorageUnavailable) || left === 0) throw error
      await pause(100)
    }
}

async function runIngest(job: Extract<Job, { job: 'ingest' }>): Promise<void> {
  const storage = await openStorage(job.storage)
  const clock = createMovableClock(job.now)
  const fold = createFold({ playbooks, clock })
  const eventOf = (n: number): LoggedEvent => {
    const userId = `${job.prefix}-user-${n % job.users}`
    const at = job.now
    const event = { messageId: `${job.prefix}-${n}`, type: 'track', name: 'Card Completed' } as const
    return {
      workspaceId,
      subject: `u:${userId}`,
      trialId: trialIdOfUser(workspaceId, userId),
      event: { ...event, at, receivedAt: at, verified: true, properties: {}, traits: {} },
    }
  }
  let next = job.from
  for (let batch = 0; batch < job.batches; batch++) {
    const events = Array.from({ length: job.batch }, (_, index) => eventOf(next + index))
    await asClientsDo(() => storage.ingest(events, fold))
    next += job.batch
    await report({ type: 'acknowledged', upTo: next })
  }
  await storage.sweep(clock.now(), fold)
  await storage.close()
}

const run = (job: Job): Promise<void> => {
  switch (job.job) {
    case 'send':
      return runSend(job)
    case 'races':
      return runRaces(job)
    case 'ingest':
      return runIngest(job)
  }
}

process.once('message', (job: Job) => {
  run(job)
    .then(() => report({ type: 'done' }))
    .then(
      () => process.disconnect(),
      // Its connections are still open and would keep it alive.
      (error: unknown) =>
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`, () =>
          process.exit(1),
        ),
    )
})
void report({ type: 'ready' })
