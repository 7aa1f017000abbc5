import { createSmtpSink } from '../support/smtp-sink.ts'
import { type Context, leaseMs, planEither } from './context.ts'
import { addVerdict, emptyVerdict, type Hope, judgeRaces, observe, type Verdict } from './observer.ts'
import { testedKinds } from './protocol.ts'
import { openStorage } from './world.ts'

/** The facts may change before the dot: then nothing goes, and that is right. */
const sentOrWithheld: Hope = { endings: ['sent', 'withheld'], copies: 1 }
const perWorker = 100

async function runBatch(
  context: Context,
  count: number,
  random: number,
): Promise<Verdict & { races: number }> {
  const storage = context.freshStorage()
  // A dialogue of some tens of milliseconds, so that the commands fall into all of its parts.
  const sink = await createSmtpSink({ delayMs: () => Math.random() * 15 })
  const seed = Array.from({ length: count }, (_, index) =>
    planEither(testedKinds[index % testedKinds.length] ?? 'upgrade_now'),
  )
  const base = { storage, smtpUrl: sink.url, now: Date.now(), leaseMs: 60_000, mutant: context.mutant }
  const finished = await context.workers.take().run({ job: 'races', ...base, seed, random })
  const opened = await openStorage(storage)
  const verdict = await observe(opened, finished.expected, sink.ledger, () => sentOrWithheld)
  await opened.close()
  await sink.close()
  addVerdict(verdict, judgeRaces(finished.races, finished.expected, sink.ledger))
  const accepted = finished.races.filter((race) => race.accepted).length
  if (finished.code !== 0 || accepted < count)
    verdict.findings.push(`${accepted} of ${count} races were run, code ${finished.code}: ${finished.errors}`)
  return { ...verdict, races: accepted }
}

/** Extension, conversion or unsubscription against the very email that is leaving, 0 to 50 ms after its claim. */
export async function runRaces(context: Context, count: number): Promise<Verdict & { races: number }> {
  const sum = emptyVerdict()
  let races = 0
  for (let done = 0; done < count; done += perWorker) {
    const part = await runBatch(context, Math.min(perWorker, count - done), done + 1)
    addVerdict(sum, part)
    races += part.races
  }
  return { ...sum, races }
}

/** A worker is stopped past its lease, another one takes over, then the first one goes on. */
export async function runPauses(
  context: Context,
  points: readonly ('after-prepared' | 'before-gate' | 'after-gate')[],
): Promise<Verdict> {
  const storage = context.freshStorage()
  const sink = await createSmtpSink()
  const base = () =>
    ({ job: 'send', storage, smtpUrl: sink.url, now: Date.now(), leaseMs, mutant: context.mutant }) as const
  const sum = emptyVerdict()
  const expected = []
  for (const [index, point] of points.entries()) {
    const kind = testedKinds[index % testedKinds.length] ?? 'upgrade_now'
    const sleeper = context.workers.take()
    const sleeping = sleeper.run({
      ...base(),
      seed: [planEither(kind)],
      fault: { point, kind, signal: 'SIGSTOP' },
      until: 0,
    })
    await sleeper.stopped()
    await new Promise((resolve) => setTimeout(resolve, 2 * leaseMs))
    const second = await context.workers.take().run({ ...base(), seed: [], until: 0 })
    sleeper.kill('SIGCONT')
    const first = await sleeping
    expected.push(...first.expected)
    for (const { code, errors } of [first, second])
      if (code !== 0) sum.findings.push(`paused at ${point}: a worker ended with ${code}: ${errors}`)
  }
  const opened = await openStorage(storage)
  addVerdict(sum, await observe(opened, expected, sink.ledger))
  await opened.close()
  await sink.close()
  return sum
}
