import { setImmediate as nextTurn } from 'node:timers/promises'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { createIngestQueue } from '../../../../server/features/collect/ingest-queue.ts'
import { hourMs } from '../../../../shared/clock.ts'
import { buildLogged } from '../../../support/build-event.ts'

/** A queue whose hold is too long to be waited for; `groups` are the sizes of what was committed. */
function queueWith(cheapCommitMs: number) {
  const groups: number[] = []
  const queue = createIngestQueue({
    storage: {
      async ingest(events) {
        groups.push(events.length)
        const again = events.flatMap(({ event }, at) => (event.messageId.startsWith('again') ? [at] : []))
        return { duplicates: new Set(again), trials: new Map() }
      },
    },
    fold: () => {
      throw new Error('nothing is folded here')
    },
    onFolded: () => {},
    log: pino({ level: 'silent' }),
    holdMs: hourMs,
    cheapCommitMs,
    groupEvents: 1000,
    maxBytes: 1e6,
    maxInFlight: 4,
  })
  const submit = () => queue.submit([buildLogged({ messageId: 'm' })], 100)
  return { queue, groups, submit }
}
async function severalTurns() {
  for (let turn = 0; turn < 5; turn++) await nextTurn()
}

it('holds the first requests, because it does not know yet what a commit costs', async () => {
  const { queue, groups, submit } = queueWith(hourMs)
  const [first, second] = [submit(), submit()]
  await severalTurns()
  expect(groups).toEqual([])
  await queue.drain()
  await Promise.all([first, second])
  expect(groups).toEqual([2])
})

it('commits what one turn has brought at its end, as long as commits are cheap', async () => {
  const { queue, groups, submit } = queueWith(hourMs)
  void submit()
  await queue.drain()
  await Promise.all([submit(), submit(), submit()])
  expect(groups).toEqual([1, 3])
})

it('lets others have a turn between two groups, and commits long and short requests in turns', async () => {
  const { queue, groups, submit } = queueWith(hourMs)
  const people = (count: number) =>
    queue.submit(
      Array.from({ length: count }, (_, n) => buildLogged({ messageId: `m${n}` }, { userId: `person-${n}` })),
      100,
    )
  const all = Promise.all([people(23), people(23), submit(), people(23), people(23), people(23), submit()])
  const turns: number[] = []
  while (groups.length < 6) {
    turns.push(groups.length)
    await nextTurn()
  }
  await all
  expect(groups).toEqual([2, 23, 23, 23, 23, 23])
  expect(turns).toEqual(expect.arrayContaining([1, 2, 3]))
})

it('commits a request of very many people in parts, with turns between them, and answers it once', async () => {
  const { queue, groups, submit } = queueWith(hourMs)
  const events = Array.from({ length: 100 }, (_, n) =>
    buildLogged({ messageId: n % 40 === 39 ? `again${n}` : `m${n}` }, { userId: `person-${n}` }),
  )
  const many = queue.submit(events, 100)
  const short = submit()
  const turns: number[] = []
  while (groups.length < 5) {
    turns.push(groups.length)
    await nextTurn()
  }
  expect(queue.waiting().bytes).toBeGreaterThanOrEqual(0)
  expect([...((await many)?.duplicates ?? [])]).toEqual([39, 79])
  await short
  expect(groups.reduce((sum, size) => sum + size)).toBe(101)
  expect(Math.max(...groups)).toBeLessThan(30)
  // The short one waits for one part at most.
  expect(groups.indexOf(1)).toBeLessThanOrEqual(1)
  expect(turns).toEqual(expect.arrayContaining([1, 2, 3, 4]))
  expect(queue.waiting()).toEqual({ events: 0, bytes: 0 })
})

it('keeps the many events of one person in one save', async () => {
  const { queue, groups } = queueWith(hourMs)
  const events = Array.from({ length: 500 }, (_, n) => buildLogged({ messageId: `m${n}` }))
  const all = queue.submit(events, 100)
  await queue.drain()
  await all
  expect(groups).toEqual([500])
})

it('holds requests again while commits are dear', async () => {
  const { queue, groups, submit } = queueWith(0)
  void submit()
  await queue.drain()
  const next = [submit(), submit()]
  await severalTurns()
  void submit()
  await severalTurns()
  expect(groups).toEqual([1])
  await queue.drain()
  await Promise.all(next)
  expect(groups).toEqual([1, 3])
})
