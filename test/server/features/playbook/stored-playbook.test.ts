import { expect, test } from 'vitest'
import { defaultPlaybook } from '../../../../server/domain/playbook/default.ts'
import { readStoredPlaybook } from '../../../../server/features/playbook/stored-playbook.ts'
import { playbookSchema } from '../../../../shared/playbook.ts'

const withProduct = (patch: object) => ({
  ...defaultPlaybook,
  product: { ...defaultPlaybook.product, ...patch },
})

test('a stored playbook that holds is read as it is', () => {
  expect(readStoredPlaybook(defaultPlaybook)).toEqual({ playbook: defaultPlaybook, mended: [] })
})

test.each([
  ['a time zone that is none', { timeZone: 'Mars/Olympus' }, 'UTC'],
  ['one in words', { timeZone: 'Central European Time' }, 'UTC'],
  ['an empty one', { timeZone: '' }, 'UTC'],
  ['no text at all', { timeZone: 5 }, 'UTC'],
])('%s gives way to UTC and is named; a new playbook with it is refused', (_, patch, timeZone) => {
  const stored = withProduct(patch)
  const { playbook, mended } = readStoredPlaybook(stored)
  expect(playbook.product).toEqual({ ...defaultPlaybook.product, timeZone })
  expect(mended).toEqual([expect.stringContaining('product.timeZone')])
  expect(playbookSchema.safeParse(stored).success).toBe(false)
})

test('several faults are all mended, unknown members of older or newer releases too', () => {
  const stored = { ...withProduct({ timeZone: 'x', currency: 'dollar', colour: 'red' }) }
  const { playbook, mended } = readStoredPlaybook(stored)
  expect(playbook.product).toMatchObject({ timeZone: 'UTC', currency: 'USD' })
  expect(mended.length).toBeGreaterThanOrEqual(2)
})

test('what has no default cannot be read', () => {
  expect(() => readStoredPlaybook(withProduct({ name: '' }))).toThrow()
  expect(() => readStoredPlaybook(null)).toThrow()
})
