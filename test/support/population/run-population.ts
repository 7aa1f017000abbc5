import { castOf } from './cast.ts'
import { readReport } from './figures.ts'
import { expectNewcomers } from './newcomers.ts'
import { type ServedPopulation, servePopulation } from './serve-population.ts'
import { together } from './timeline.ts'

const dayMs = 86_400_000
/** Monday, and over the end of a month. */
export const startAt = Date.UTC(2026, 8, 14, 6)
/** In which people sign up. */
const spanDays = 8
/** All has happened that will: the last trial, extended, its survey, what people make of it. */
export const lastsDays = 27

const patienceMs = 20_000

/** All that is due now goes out, also what an answer to it makes due at once. */
async function sendDue({ api }: ServedPopulation): Promise<void> {
  const { dueLoop, storage } = api.server
  const impatientAt = performance.now() + patienceMs
  for (;;) {
    const dueAt = await storage.trials.nextDueAt()
    if (dueAt === null || dueAt > api.clock.now()) return
    if (performance.now() > impatientAt) throw new Error('something stays due')
    await dueLoop.drain()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Lets time pass from one moment at which something happens to the next. */
async function live(served: ServedPopulation): Promise<void> {
  const { api, stage, failures } = served
  const { storage } = api.server
  const endAt = startAt + lastsDays * dayMs
  let looksAt = startAt + dayMs
  for (;;) {
    const soonest = Math.min(
      stage.timeline.nextAt() ?? Number.POSITIVE_INFINITY,
      (await storage.trials.nextDueAt()) ?? Number.POSITIVE_INFINITY,
    )
    if (soonest > endAt) break
    // Somebody looks at the figures every morning: they are counted on, not only once at the end.
    if (soonest > looksAt) {
      await readReport(served)
      looksAt += dayMs
    }
    if (soonest > api.clock.now()) api.clock.set(soonest)
    await sendDue(served)
    await together(stage.timeline.take(api.clock.now()))
    if (failures.length > 0) throw failures[0]
  }
  api.clock.set(endAt)
  await sendDue(served)
}

/** @returns the server as it stands when all has happened; close it. */
export async function runPopulation({ size, seed }: { size: number; seed: number }) {
  const beganAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const cast = castOf({ size, seed, startAt, spanDays })
  const served = await servePopulation(cast, { seed, startAt })
  try {
    expectNewcomers(served.stage, cast, served.secretKey)
    await live(served)
    // What has been asked for is written down a moment after the answer.
    await new Promise((resolve) => setTimeout(resolve, 300))
    await served.api.server.services.metrics.measures.foldAll()
  } catch (error) {
    await served.close()
    throw error
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    ...served,
    cast,
    seconds: (performance.now() - beganAt) / 1000,
    cpuSeconds: (user + system) / 1e6,
  }
}

export type Population = Awaited<ReturnType<typeof runPopulation>>
