import { afterAll, beforeAll, expect, test } from 'vitest'
import { playbookSchema } from '../../../shared/playbook.ts'
import { boardPlaybook } from '../../support/board-playbook.ts'
import { someTime } from '../../support/build-trial.ts'
import { buildCli, runCli } from '../../support/built-cli.ts'
import { type ServedApi, secretKey, serveApi } from '../../support/serve-api.ts'

const outdir = '.cache/test-cli-companies'

let api: ServedApi
beforeAll(async () => {
  await buildCli(outdir, ['server/cli.ts'])
  api = await serveApi(someTime, { overrides: { playbook: playbookSchema.parse(boardPlaybook) } })
  for (const [userId, groupId] of [
    ['ann', 'acme'],
    ['bea', 'acme'],
    ['finn', 'null'],
  ] as const)
    await api.call('PUT', `/api/trialists/${userId}`, { body: { traits: { groupId } } })
})
afterAll(() => api.close())

const run = (...args: string[]) =>
  runCli(outdir, ['companies', ...args], {
    TRIALPACE_URL: api.server.url,
    TRIALPACE_SECRET_KEY: secretKey,
  })

test('people are moved into their companies and back from the command line', async () => {
  const preview = await run('preview')
  expect(preview.stdout).toContain('2 people become 1 company; 0 keep their own trial; 1 needs a look.')
  expect(preview.stdout).toContain('finn: ')
  // Something to look at.
  expect(preview.code).toBe(3)
  const switched = await run('switch')
  expect([switched.code, switched.stdout.trim().split('\n')[0]]).toEqual([
    0,
    'Companies have one trial; 2 trials in all.',
  ])
  expect((await run('switch')).code).toBe(1)
  const back = await run('undo')
  expect([back.code, back.stdout.trim()]).toEqual([0, 'Each person has a trial; 3 trials in all.'])
  expect((await run('status')).stdout.trim()).toBe('Each person has a trial; 3 trials in all.')
})
