import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DemoProcess, startDemoProcess } from '../../support/demo-process.ts'

/** The commands of the README as they stand there, but for the address and a folder. */
const root = fileURLToPath(new URL('../../../', import.meta.url))
let readme: string
let demo: DemoProcess
let folder: string

beforeAll(async () => {
  readme = await readFile(join(root, 'README.md'), 'utf8')
  folder = await mkdtemp(join(tmpdir(), 'trialpace-readme-'))
  demo = await startDemoProcess()
}, 180_000)
afterAll(async () => {
  await demo?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The block that holds these words. */
function blockWith(words: string): string {
  const block = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)]
    .map(([, text = '']) => text)
    .find((text) => text.includes(words))
  if (!block) throw new Error(`the README has no commands with ${words}`)
  return block
}

async function run(commands: string): Promise<string> {
  const script = commands
    .replaceAll('http://127.0.0.1:8080', demo.url)
    .replaceAll('node dist/server/cli.js', `node ${join(root, 'dist/server/cli.js')}`)
    .replaceAll('curl ', 'curl --silent --show-error --fail-with-body ')
  // A shell that is started over a socket, as ours is, may read what is set up for people who log in.
  const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-euc', script], {
    cwd: folder,
    env: {
      ...process.env,
      URL: demo.url,
      SECRET: demo.secretKey,
      TRIALPACE_URL: demo.url,
      TRIALPACE_SECRET_KEY: demo.secretKey,
    },
  })
  return stdout + stderr
}

describe('the commands of the README', () => {
  it('take a person to the aha moment', async () => {
    await run(blockWith('/v1/track'))
    const { milestones } = await demo.trialist('grace')
    expect(milestones.map(({ reachedAt }) => reachedAt !== null)).toEqual([true, true, true])
    expect(await demo.mailOf('grace@compiler.example', 'upgrade_now')).toBeDefined()
  })

  it('tell of a changed date, extend a trial and take that back', async () => {
    const changed = blockWith('"trial":{"endsAt"')
    await run(changed)
    expect((await demo.trialist('user-1')).trial.endsAt).toBe('2026-12-24T18:00:00.000Z')
    // An end that an email has told is not taken back, and to Ada one leaves at once: so someone without an address.
    const forHer = (commands: string) => commands.replaceAll('user-1', 'nora')
    await run(forHer(changed).replace('"email":"ada@engine.example",', ''))
    const [extend = '', takeBack = ''] = forHer(blockWith('/extensions')).split(/^(?=curl -X DELETE)/m)
    const { extensions } = JSON.parse(await run(extend)) as { extensions: { id: string }[] }
    expect((await demo.trialist('nora')).trial.endsAt).toBe('2026-12-31T18:00:00.000Z')
    await run(takeBack.replace('<id>', extensions[0]?.id ?? ''))
    expect((await demo.trialist('nora')).trial.endsAt).toBe('2026-12-24T18:00:00.000Z')
  })

  it('preview a release, and release', async () => {
    const [preview = '', release = ''] = blockWith('release --preview').trimEnd().split('\n')
    expect(await run(preview)).toMatch(/\d+ people would get an email now/)
    expect(await run(release)).toContain('Emails go to people.')
  })

  it('import people', async () => {
    await writeFile(join(folder, 'people.csv'), 'userId,email,name\nmary,mary@jackson.example,Mary Jackson\n')
    await run(blockWith('import people.csv'))
    expect((await demo.trialist('mary')).userId).toBe('mary')
  })

  it('connect billing', async () => {
    expect(JSON.parse(await run(blockWith('/api/billing/connections').replaceAll('…', 'x')))).toMatchObject({
      provider: 'stripe',
    })
  })

  it('carry the playbook there and back', async () => {
    const [, pull = '', diff = '', push = ''] = blockWith('playbook pull').split('\n')
    await run(pull)
    const file = join(folder, 'playbook.json')
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('Boardly', 'Cardly'))
    expect(await run(diff)).toMatch(/trialists? would get a different email/)
    expect(await run(push)).toMatch(/Version \d+ is published/)
  })
})
