import { expect, it } from 'vitest'
import { createLongTurns } from '../../../../server/features/collect/long-turns.ts'

const turnOver = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve)
  })

it('lets one long request go on in each turn of the event loop, and short ones at once', async () => {
  const turns = createLongTurns(1000)
  const order: string[] = []
  const long = ['a', 'b', 'c'].map((name) => turns(1000)?.then(() => order.push(name)))
  expect(turns(999)).toBeNull()
  expect(order).toEqual([])
  for (let turn = 1; turn <= 3; turn++) {
    await turnOver()
    // No more than one in a turn.
    expect(order.length).toBeLessThanOrEqual(turn)
  }
  await Promise.all(long)
  expect(order).toEqual(['a', 'b', 'c'])
})
