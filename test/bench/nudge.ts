import type { Page } from 'puppeteer-core'
import { launchBrowser } from '../support/browser.ts'
import {
  aNudge,
  aTrial,
  type CollectSink,
  snippetPage,
  someRules,
  startCollectSink,
} from '../support/collect-sink.ts'
import { type BenchReport, medianOf, metAtMost } from './report.ts'

/**
 * From the call of `track` to the paint of the nudge, in Chromium with the built files, by the page’s own clock: the
 * frame that shows it has been painted when a message task after its animation frame runs. "Server decision" leaves
 * out the time between the request’s start and its answer’s last byte (Resource Timing).
 */

const rounds = 60
const warmUp = 5
const serverDelayMs = 50

interface Timed {
  totalMs: number
  networkMs: number
}

/** Tracks once in the page and waits for the nudge; functions inside have no names, see the loader. */
const timeOnce = (page: Page, event: string): Promise<Timed> =>
  page.evaluate(
    (name) =>
      new Promise<Timed>((resolve, reject) => {
        performance.clearResourceTimings()
        const tooLate = setTimeout(() => reject(new Error('no nudge within 10 s')), 10_000)
        const startedAt = performance.now()
        const stop = window.trialpace.on('nudge:show', ({ nudge }) => {
          const paintedAt = performance.now()
          stop()
          clearTimeout(tooLate)
          setTimeout(() => {
            const request = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).find(
              (entry) => entry.name.endsWith('/v1/b'),
            )
            window.trialpace.nudges.dismiss(nudge.id)
            resolve({
              totalMs: paintedAt - startedAt,
              networkMs: request ? request.responseEnd - request.startTime : 0,
            })
          }, 200)
        })
        window.trialpace.track(name)
      }),
    event,
  )

const p95 = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] as number

const freely = { perSession: 1e6, perDay: 1e6, perWeek: 1e6, gapMs: 0 }
/** Ids of their own, so that neither dismissals nor caps end the series. */
const nudgeOf = (n: number) => aNudge({ id: `n${n}`, format: 'slideout', maxShows: 100 })

async function series(sink: CollectSink, page: Page, kind: 'Local' | 'Server'): Promise<Timed[]> {
  const timed: Timed[] = []
  for (let n = 0; n < warmUp + rounds; n++) {
    const result = await timeOnce(page, `${kind} ${n}`)
    if (n >= warmUp) timed.push(result)
  }
  if (!sink.requests.length) throw new Error('nothing was sent')
  return timed
}

function answers(sink: CollectSink) {
  const numbers = Array.from({ length: warmUp + rounds }, (_, n) => n)
  const rules = someRules({
    caps: freely,
    urgent: numbers.map((n) => `Server ${n}`),
    rules: numbers.map((n) => ({
      nudge: nudgeOf(n),
      on: { event: `Local ${n}` },
      when: { event: { name: `Local ${n}` } },
    })),
  })
  let told = false
  sink.answer = (batch) => {
    const cause = batch.find(({ event }) => event?.startsWith('Server '))
    const first = !told
    told = true
    return {
      trial: aTrial(),
      prefetch: true,
      ...(first && { rules }),
      ...(cause && {
        nudges: [{ ...nudgeOf(1000 + Number(cause.event?.slice(7))), cause: cause.messageId }],
      }),
    }
  }
}

const row = (name: string, values: number[], value = p95(values)) => ({
  name,
  value,
  unit: 'ms',
  min: Math.min(...values),
  max: Math.max(...values),
})

export async function run(): Promise<BenchReport> {
  const sink = await startCollectSink()
  const browser = await launchBrowser()
  try {
    answers(sink)
    const page = await browser.newPage()
    await page.goto(sink.page('/', snippetPage('<main><h1>Page</h1></main>')))
    // Loaded when it has been fetched at idle, after the first answer.
    await page.waitForFunction(() =>
      performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/nudge.js')),
    )
    const local = (await series(sink, page, 'Local')).map(({ totalMs }) => totalMs)
    sink.delayMs = serverDelayMs
    const server = await series(sink, page, 'Server')
    const total = server.map(({ totalMs }) => totalMs)
    const own = server.map(({ totalMs, networkMs }) => totalMs - networkMs)
    return {
      bench: 'nudge',
      rounds,
      rows: [
        row('local rule, event → painted, p95', local),
        row('local rule, event → painted, median', local, medianOf(local)),
        row(`server decision (${serverDelayMs} ms delay), event → painted, p95`, total),
        row('server decision less network, p95', own),
        row('server decision less network, median', own, medianOf(own)),
        { name: 'recorded: PostHog surveys, n = 12, median', value: 761, unit: 'ms', min: 81, max: 993 },
        {
          name: 'from its code: Usertour asks for page conditions each',
          value: 1000,
          unit: 'ms',
          min: 0,
          max: 1000,
        },
        {
          name: 'from its code: Customer.io gist-web asks each',
          value: 1000,
          unit: 'ms',
          min: 100,
          max: 1000,
        },
      ],
      checks: [
        metAtMost('local rule, event → painted, p95 ms', p95(local), 50),
        metAtMost('server decision less network, p95 ms', p95(own), 60),
      ],
    }
  } finally {
    await browser.close()
    await sink.close()
  }
}
