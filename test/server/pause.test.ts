import { expect, it } from 'vitest'
import { pause } from '../../server/pause.ts'

const took = async (work: Promise<void>): Promise<number> => {
  const startedAt = performance.now()
  await work
  return performance.now() - startedAt
}

it('a pause lasts its time', async () => {
  expect(await took(pause(30, new AbortController().signal))).toBeGreaterThanOrEqual(28)
})

it('a pause ends with its signal, also with one that was given before it began', async () => {
  const later = new AbortController()
  setTimeout(() => later.abort(), 5)
  expect(await took(pause(20_000, later.signal))).toBeLessThan(10_000)
  expect(await took(pause(20_000, AbortSignal.abort()))).toBeLessThan(10_000)
})
