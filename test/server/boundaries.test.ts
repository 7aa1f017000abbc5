import { describe, expect, it } from 'vitest'
import { breachesOf } from '../boundaries.ts'

describe('the order of layers', () => {
  it.each([
    ['server/domain/trial/x.ts', `import { a } from '../messages/plan.ts'`, 'an import upward inside domain'],
    [
      'server/domain/metrics/x.ts',
      `import type { A } from '../messages/plan.ts'`,
      'a type of a sibling idea',
    ],
    ['server/domain/trial/x.ts', `import { readFileSync } from 'node:fs'`, 'input and output in domain'],
    ['server/domain/trial/x.ts', `import { randomUUID } from 'node:crypto'`, 'chance in domain'],
    ['shared/x.ts', 'export const a = () => Date.now()', 'a clock in shared'],
    ['shared/x.ts', 'export const a = () => new Date()', 'a hidden clock in shared'],
    ['server/http/x.ts', `import { a } from '../features/trials/trial-service.ts'`, 'a feature in http'],
    [
      'server/features/jobs/x.ts',
      `import { a } from '../trials/trial-service.ts'`,
      'a value of another feature',
    ],
    ['server/features/jobs/x.ts', `export { a } from '../trials/trial-service.ts'`, 'a value passed on'],
    ['server/features/jobs/x.ts', `const a = await import('../trials/b.ts')`, 'a value loaded later'],
    ['server/features/jobs/x.ts', `import { a } from '../../compose/server.ts'`, 'composition in a feature'],
    ['server/ui/x.tsx', `import { a } from '../domain/trial/clock.ts'`, 'the server in the dashboard'],
    ['sdk/x.ts', `import { a } from '../server/ports.ts'`, 'the server in the snippet'],
  ])('%s: refuses %s (%s)', (file, source) => {
    expect(breachesOf(file, source)).toHaveLength(1)
  })

  it.each([
    ['server/domain/messages/x.ts', `import { a } from '../trial/clock.ts'`],
    ['server/domain/messages/x.ts', `import { createHmac } from 'node:crypto'`],
    ['server/domain/messages/x.ts', 'export const a = (at: number) => new Date(at)'],
    ['server/features/jobs/x.ts', `import type { A } from '../trials/trial-service.ts'`],
    ['server/features/jobs/x.ts', `import { a } from './job-service.ts'`],
    ['server/compose/x.ts', `import { a } from '../features/jobs/job-service.ts'`],
  ])('%s: allows %s', (file, source) => {
    expect(breachesOf(file, source)).toEqual([])
  })
})
