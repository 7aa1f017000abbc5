import { Command } from 'commander'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { addCapacityCommand, countOf } from '../../../server/cli/capacity-command.ts'

function run(...args: string[]): string {
  const written: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  const program = new Command().exitOverride()
  addCapacityCommand(program)
  program.parse(['node', 'trialpace', 'capacity', ...args])
  return written.join('')
}
afterEach(() => void vi.restoreAllMocks())

describe('trialpace capacity', () => {
  it('answers in words and in JSON', () => {
    const asked = ['--events', '200k', '--people', '50000', '--emails', '2k']
    expect(run(...asked)).toContain('SQLite')
    expect(JSON.parse(run(...asked, '--json'))).toMatchObject({ storage: 'sqlite', cores: 2 })
  })

  it('reads numbers as people write them, and refuses what is none', () => {
    expect(['250000', '250k', '1.5M', '2G', '0'].map(countOf)).toEqual([250_000, 250_000, 1_500_000, 2e9, 0])
    for (const text of ['', '-1', 'many', '1e9', '9999999999999', '1,000', '999999G'])
      expect(() => countOf(text)).toThrow('must be a number')
  })
})
