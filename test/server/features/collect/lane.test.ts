import { setImmediate as turnOver } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLane } from '../../../../server/features/collect/lane.ts'

it('begins the next when the one before has ended, well or not', async () => {
  const lane = createLane()
  const begun: string[] = []
  const ends: Record<string, (error?: Error) => void> = {}
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      begun.push(name)
      ends[name] = (error) => (error ? reject(error) : resolve(name))
    })
  const [a, b, c] = ['a', 'b', 'c'].map((name) => lane(work(name)))
  await turnOver()
  expect(begun).toEqual(['a'])
  ends.a?.()
  expect(await a).toBe('a')
  await turnOver()
  expect(begun).toEqual(['a', 'b'])
  ends.b?.(new Error('b failed'))
  await expect(b).rejects.toThrow('b failed')
  await turnOver()
  expect(begun).toEqual(['a', 'b', 'c'])
  ends.c?.()
  expect(await c).toBe('c')
})
