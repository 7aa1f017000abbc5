import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

describe('README', () => {
  it('links only to what is there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path as string)
    expect(links.length).toBeGreaterThan(3)
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

describe('SECURITY', () => {
  it('names only code and tests that are there', () => {
    const sheet = readFileSync(join(root, 'SECURITY.md'), 'utf8').split('## Controls')[1] ?? ''
    const paths = [...sheet.matchAll(/`((?:server|sdk|shared|test)(?:\/[\w./-]+)?)`/g)].map(
      ([, path]) => path as string,
    )
    expect(paths.length).toBeGreaterThan(40)
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})
