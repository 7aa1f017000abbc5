import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findChromium } from '../../../server/adapters/chromium.ts'
import { defaultPlaybook } from '../../../server/domain/playbook/default.ts'
import { fixtureNames } from '../../../shared/api/lint.ts'

import { buildCli, lastJson, runCli } from '../../support/built-cli.ts'

const outdir = '.cache/test-lint-cli'

let folder: string
beforeAll(async () => {
  await buildCli(outdir, { cli: 'server/cli.ts', 'render-worker': 'server/adapters/render-worker.ts' })
  folder = await mkdtemp(join(tmpdir(), 'trialpace-lint-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Without a server, a database or the network. */
const run = (args: string[], env: Record<string, string> = {}) => runCli(outdir, ['lint', ...args], env)

async function playbookFile(name: string, change: Partial<typeof defaultPlaybook>): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, JSON.stringify({ ...defaultPlaybook, ...change }))
  return file
}

test('our own emails have no fault', async () => {
  const { code, stdout, stderr } = await run([
    '--kind',
    'welcome',
    'survey_follow_up',
    '--locale',
    'en',
    'ar',
    '--json',
  ])
  expect([code, lastJson(stdout)]).toEqual([
    0,
    {
      // A follow-up for each answer.
      mails: 6 * 2 * fixtureNames.length,
      errors: 0,
      warnings: 0,
      spam: { state: 'not_set_up' },
      findings: [],
    },
  ])
  expect(stderr).toContain(`${6 * 2 * fixtureNames.length} emails, 0 errors, 0 warnings`)
})

test('faults of a playbook are named with rule and subject, and end with 3', async () => {
  const file = await playbookFile('loud.json', {
    product: { ...defaultPlaybook.product, url: 'http://192.0.2.7/' },
    messages: defaultPlaybook.messages.map((rule) =>
      rule.id === 'welcome' ? { ...rule, subjects: ['Welcome', 'FW: GO!!'] } : rule,
    ),
  })
  const { code, stdout } = await run(['--kind', 'welcome', '--locale', 'de', '--playbook', file, '--json'])
  const { mails, findings } = lastJson(stdout) as { mails: number; findings: object[] }
  expect([code, mails]).toEqual([3, 2 * fixtureNames.length])
  expect(findings).toContainEqual({
    level: 'error',
    kind: 'welcome',
    rule: 'welcome',
    variant: 1,
    locale: 'de',
    fixture: 'normal',
    check: 'subject-fake-reply',
    detail: 'It pretends to be a reply or a forwarded email.',
  })
  expect(findings).toContainEqual(expect.objectContaining({ check: 'link-ip' }))
  const shown = await run(['--kind', 'welcome', '--locale', 'de', '--playbook', file, '--warnings'])
  expect(shown.stdout).toMatch(/error +welcome welcome subject 2 +de +normal +subject-fake-reply/)
  expect(shown.stdout).toMatch(/warning +welcome welcome subject 2 +de +normal +subject-shouts/)
})

test('wrong use says what is wrong in one line', async () => {
  const broken = await playbookFile('broken.json', { messages: [{ id: 'x' }] as never })
  const [locale, missing, invalid] = await Promise.all([
    run(['--locale', 'xx']),
    run(['--playbook', join(folder, 'nowhere.json')]),
    run(['--playbook', broken]),
  ])
  expect([locale.code, missing.code, invalid.code]).toEqual([2, 2, 3])
  expect(locale.stderr).toMatch(/There are no texts in "xx", only in .*en/)
  expect(missing.stderr).toMatch(/nowhere\.json/)
  expect(invalid.stderr).toMatch(/\/messages\/0\/kind/)
  for (const { stderr } of [locale, missing, invalid]) expect(stderr).not.toContain('    at ')
})

test('a SpamAssassin that is down is said aloud, and our own checks are made all the same', async () => {
  const { code, stdout, stderr } = await run(['--kind', 'welcome', '--locale', 'en', '--json'], {
    SPAMD_URL: 'spamd://127.0.0.1:1',
  })
  expect([code, lastJson(stdout)]).toMatchObject([0, { errors: 0, spam: { state: 'unreachable' } }])
  expect(stderr).toContain('SpamAssassin could NOT be asked')
})

test('pictures: light and dark, 320 and 600 px wide, on one sheet', async () => {
  const chromium = findChromium()
  if (!chromium) throw new Error('No Chromium found: set CHROME_PATH, or run `npm test`, which installs one.')
  const shots = join(folder, 'shots')
  const { code, stdout } = await run(
    ['--kind', 'welcome', 'survey_follow_up', '--locale', 'ar', '--screenshots', shots, '--json'],
    { CHROME_PATH: chromium },
  )
  const sheet = join(shots, 'index.html')
  expect([code, lastJson(stdout)]).toMatchObject([0, { screenshots: 6 * 4, sheet }])
  const files = await readdir(shots)
  for (const name of ['welcome-ar', 'survey_follow_up.follow-up-price-ar'])
    for (const palette of ['light', 'dark'])
      for (const width of [320, 600]) {
        const file = `${name}-${palette}-${width}.png`
        expect(files).toContain(file)
        // The width is in the header of a PNG.
        expect((await readFile(join(shots, file))).readUInt32BE(16)).toBe(width)
        expect(await readFile(sheet, 'utf8')).toContain(`src="${file}"`)
      }
}, 120_000)

test('pictures without a browser: one line says how to get one', async () => {
  const { code, stderr } = await run(
    ['--kind', 'welcome', '--locale', 'en', '--screenshots', join(folder, 'none')],
    { CHROME_PATH: join(folder, 'no-browser') },
  )
  expect([code, stderr.trimEnd()]).toEqual([
    1,
    'No Chromium found. Set CHROME_PATH to one, or install it (Debian: apt-get install chromium).',
  ])
})
