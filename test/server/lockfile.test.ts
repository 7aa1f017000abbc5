import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly integrity?: string
  readonly link?: boolean
  readonly inBundle?: boolean
  readonly hasInstallScript?: boolean
}
const { packages } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
) as { packages: Record<string, Locked> }
const installed = Object.entries(packages).filter(([path, { link, inBundle }]) => path && !link && !inBundle)

test('every locked package has the hash of what was locked', () => {
  expect(installed.length).toBeGreaterThan(100)
  const without = installed.filter(([, { integrity = '' }]) => !/^sha512-[\w+/]{86}==/.test(integrity))
  expect(without.map(([path]) => path)).toEqual([])
})
