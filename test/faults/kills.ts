import { hourMs } from '../../shared/clock.ts'
import { createSmtpSink, type SmtpFault, type SmtpStage } from '../support/smtp-sink.ts'
import { type Context, kindOfAddress, leaseMs, planEither } from './context.ts'
import { addVerdict, emptyVerdict, observe, type Verdict } from './observer.ts'
import {
  type CrashPoint,
  type Expected,
  type Job,
  type SinkPoint,
  sinkPoints,
  type TestedKind,
  testedKinds,
  workerPoints,
} from './protocol.ts'
import type { WorkerProcess } from './worker-process.ts'
import { openStorage } from './world.ts'

export interface Kill {
  readonly point: CrashPoint
  readonly kind: TestedKind
}

/** Every crash point in turn, with another kind each time round: all pairs after points × kinds kills. */
export function killPlan(count: number): Kill[] {
  const points = [...workerPoints, ...sinkPoints]
  return Array.from({ length: count }, (_, index) => ({
    point: points[index % points.length] as CrashPoint,
    kind: testedKinds[(index + Math.floor(index / points.length)) % testedKinds.length] as TestedKind,
  }))
}

const isSinkPoint = (point: CrashPoint): point is SinkPoint =>
  (sinkPoints as readonly string[]).includes(point)

/** A mail server that pulls the plug of the worker at one stage of one kind of email. */
async function createTrap() {
  let set: { point: SinkPoint; kind: TestedKind; worker: WorkerProcess } | null = null
  const spring = () => {
    set?.worker.kill()
    set = null
  }
  const fault = (stage: SmtpStage, { to }: { to: string }): SmtpFault | null => {
    // Who the email is for is not known before RCPT.
    if (set?.point === stage && stage !== 'dot' && (to === '' || kindOfAddress(to) === set.kind)) spring()
    return null
  }
  const sink = await createSmtpSink({
    fault,
    onMessage({ to }) {
      if (!set || kindOfAddress(to) !== set.kind) return
      if (set.point === 'dot') spring()
      else if (set.point === 'replied') setTimeout(spring, 2)
    },
  })
  return {
    sink,
    arm(point: SinkPoint, kind: TestedKind, worker: WorkerProcess) {
      set = { point, kind, worker }
    },
  }
}

/**
 * One worker after the other is killed (SIGKILL) at its crash point; the next one finds what it left. At the end one
 * that no one disturbs brings every email to its end, within six simulated hours: a machine under load may miss the two
 * seconds of a gate, and then the email waits for its next attempt.
 */
async function runLane(context: Context, kills: readonly Kill[]): Promise<Verdict & { kills: number }> {
  const { workers, mutant } = context
  const storage = context.freshStorage()
  const { sink, arm } = await createTrap()
  const expected: Expected[] = []
  const missed: string[] = []
  let done = 0
  const job = (seed: Extract<Job, { job: 'send' }>['seed'], rest: Partial<Job>): Job =>
    ({
      job: 'send',
      storage,
      smtpUrl: sink.url,
      now: Date.now(),
      leaseMs,
      mutant,
      seed,
      until: 0,
      ...rest,
    }) as Job

  for (const { point, kind } of kills) {
    const worker = workers.take()
    const fault = isSinkPoint(point) ? undefined : ({ point, kind, signal: 'SIGKILL' } as const)
    if (isSinkPoint(point)) arm(point, kind, worker)
    const finished = await worker.run(job([planEither(kind), planEither(kind)], { fault }))
    expected.push(...finished.expected)
    if (finished.signal === 'SIGKILL') done++
    else missed.push(`no kill at ${point} of ${kind}: ended with ${finished.code} ${finished.errors}`)
  }
  const last = await workers.take().run(job([], { until: Date.now() + 6 * hourMs }))
  if (last.code !== 0) missed.push(`the last worker ended with ${last.code ?? last.signal}: ${last.errors}`)
  const opened = await openStorage(storage)
  const verdict = await observe(opened, expected, sink.ledger)
  await opened.close()
  await sink.close()
  return { ...verdict, findings: [...verdict.findings, ...missed], kills: done }
}

/** In two lanes with a database each, because a dead worker’s lease has to be waited for. */
export async function runKills(
  context: Context,
  kills: readonly Kill[],
): Promise<Verdict & { kills: number }> {
  const lanes = [0, 1].map((lane) => kills.filter((_, index) => index % 2 === lane))
  const parts = await Promise.all(lanes.map((lane) => runLane(context, lane)))
  const sum = { ...emptyVerdict(), kills: 0 }
  for (const part of parts) {
    addVerdict(sum, part)
    sum.kills += part.kills
  }
  return sum
}
