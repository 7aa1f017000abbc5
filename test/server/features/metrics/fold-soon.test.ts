import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createFoldSoon } from '../../../../server/features/metrics/fold-soon.ts'

it('a stop in the middle of a pass does not wait for the rest before the next one', async () => {
  const passes: number[] = []
  const foldSoon = createFoldSoon(
    {
      fold: async () => {
        passes.push(performance.now())
        // Long enough for a rest of seconds.
        await sleep(400)
        return 0
      },
    },
    { warn: () => {} },
  )
  foldSoon.marked()
  while (passes.length === 0) await sleep(5)
  // What is marked meanwhile is for a pass after the rest.
  foldSoon.marked()
  const stoppedAt = performance.now()
  await foldSoon.stop()
  expect(performance.now() - stoppedAt).toBeLessThan(2_000)
  expect(passes).toHaveLength(1)
})
