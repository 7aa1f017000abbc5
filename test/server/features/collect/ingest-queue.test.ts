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
        return { duplicates: new Set(), trials: new Map() }
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
  const all = Promise.all([people(100), people(100), submit(), people(100), submit()])
  const turns: number[] = []
  while (groups.length < 4) {
    turns.push(groups.length)
    await nextTurn()
  }
  await all
  expect(groups).toEqual([2, 100, 100, 100])
  expect(turns).toEqual(expect.arrayContaining([1, 2, 3]))
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
