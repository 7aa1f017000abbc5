import type { Page } from 'puppeteer-core'
import { type Companion, inCard, startCompanion, waitForCard } from '../support/companion.ts'
import { type BenchReport, metAtMost } from './report.ts'

/**
 * What a rep waits for in Gmail, timed inside the page by its own clock: a thread opened → its card filled, and the
 * click on "Extend" → the new date on show. Everyone is looked up for the first time, so that no cache answers.
 * The page is the stand-in of test/fixtures/gmail, which takes about 30 ms to draw a thread; that is part of the time
 * and has a row of its own.
 */

const counts = { warmUp: 5, warm: 100, cold: 25, extend: 20 }
const rep = { email: 'dana@acme.test', name: 'Dana' }
const people = Array.from({ length: counts.warmUp + counts.warm + counts.cold + counts.extend }, (_, n) => ({
  userId: `bench-${n}`,
  email: `person-${n}@example.com`,
  name: `Person Number${n}.`,
  thread: `t${n}`,
}))
type BenchPerson = (typeof people)[number]

const threads = people.map(({ thread, email, name }) => ({
  id: thread,
  subject: name,
  messages: [{ from: { email, name }, to: [rep] }],
}))

interface Opened {
  /** Milliseconds from the change of route. */
  drawnMs: number
  filledMs: number
}

/**
 * Opens a thread as Gmail’s router does and waits, without polling, for the card to name the person. Functions inside
 * have no names: the loader would mark named ones with a helper that the page does not have.
 */
const open = (tab: Page, { thread, name }: BenchPerson): Promise<Opened> =>
  tab.evaluate(
    (id, wanted) =>
      new Promise<Opened>((resolve, reject) => {
        const begin = performance.now()
        let drawnMs = 0
        const observer = new MutationObserver(() => {
          if (drawnMs === 0 && document.querySelector(`[role=main] [data-legacy-thread-id="${id}"]`))
            drawnMs = performance.now() - begin
          const host = document.querySelector<HTMLElement>('trialpace-card')
          const text = host?.shadowRoot?.querySelector('article')?.textContent ?? ''
          if (host?.style.display === 'none' || !text.includes(wanted) || !text.includes('Next email')) return
          observer.disconnect()
          clearTimeout(tooLate)
          resolve({ drawnMs, filledMs: performance.now() - begin })
        })
        const watched = { childList: true, subtree: true, characterData: true, attributes: true }
        observer.observe(document.body, watched)
        const shadow = document.querySelector('trialpace-card')?.shadowRoot
        if (shadow) observer.observe(shadow, watched)
        const tooLate = setTimeout(() => reject(new Error(`no card for ${wanted} within 15 s`)), 15_000)
        location.hash = `#inbox/${id}`
      }),
    thread,
    name,
  )

async function stopWorker(companion: Companion): Promise<void> {
  const worker = await companion.worker()
  const gone = new Promise((resolve) => companion.browser.once('targetdestroyed', resolve))
  await Promise.all([gone, worker.close()])
}

/** From the rep’s own click to the sentence with the new date. */
async function extend(tab: Page, person: BenchPerson): Promise<number> {
  await open(tab, person)
  await (await inCard(tab, '[data-tp=extend]')).click()
  await waitForCard(tab, 'New end:')
  const shown = tab.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const shadow = document.querySelector('trialpace-card')?.shadowRoot as ShadowRoot
        let clickedAt = 0
        addEventListener('click', (event) => (clickedAt = event.timeStamp), { capture: true, once: true })
        const observer = new MutationObserver(() => {
          if (!shadow.querySelector('.toast')?.textContent?.includes('Extended to')) return
          observer.disconnect()
          resolve(performance.now() - clickedAt)
        })
        observer.observe(shadow, { childList: true, subtree: true, characterData: true })
      }),
  )
  await (await inCard(tab, '[data-tp=confirm]')).click()
  return shown
}

/** Nearest rank. */
const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0

const rowsOf = (name: string, values: readonly number[]): BenchReport['rows'] =>
  [50, 95].map((rank) => ({
    name: `${name}, p${rank} of ${values.length}`,
    value: percentile(values, rank / 100),
    unit: 'ms',
    min: Math.min(...values),
    max: Math.max(...values),
  }))

async function measure(companion: Companion) {
  const queue = [...people]
  const take = (count: number) => queue.splice(0, count)
  const tab = await companion.gmail('/mail/u/0/#inbox')
  for (const person of take(counts.warmUp)) await open(tab, person)
  const warm: Opened[] = []
  for (const person of take(counts.warm)) warm.push(await open(tab, person))
  const extended: number[] = []
  for (const person of take(counts.extend)) extended.push(await extend(tab, person))
  const cold: Opened[] = []
  for (const person of take(counts.cold)) {
    await stopWorker(companion)
    cold.push(await open(tab, person))
  }
  return { warm, cold, extended }
}

export async function run(): Promise<BenchReport> {
  const companion = await startCompanion(threads)
  try {
    for (const { userId, email, name } of people)
      await companion.api('PUT', `/api/trialists/${userId}`, { email, name })
    await companion.signIn()
    const { warm, cold, extended } = await measure(companion)
    const warmMs = warm.map(({ filledMs }) => filledMs)
    const coldMs = cold.map(({ filledMs }) => filledMs)
    return {
      bench: 'extension',
      rows: [
        ...rowsOf(
          'thread drawn by the page itself',
          warm.map(({ drawnMs }) => drawnMs),
        ),
        ...rowsOf('opened → card filled, warm', warmMs),
        ...rowsOf('opened → card filled, worker stopped before', coldMs),
        ...rowsOf('click on extend → new date', extended),
      ],
      checks: [
        metAtMost('opened → card filled, warm, p95 (ms)', percentile(warmMs, 0.95), 100),
        metAtMost('opened → card filled, cold worker, p95 (ms)', percentile(coldMs, 0.95), 200),
        metAtMost('click on extend → new date, p95 (ms)', percentile(extended, 0.95), 250),
      ],
    }
  } finally {
    await companion.close()
  }
}
