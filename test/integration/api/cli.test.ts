import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Trialist } from '../../../shared/trialist.ts'
import { someTime } from '../../support/build-trial.ts'
import { buildCli, lastJson, runCli } from '../../support/built-cli.ts'
import { type ServedApi, secretKey, serveApi } from '../../support/serve-api.ts'

const outdir = '.cache/test-cli'

let api: ServedApi
let folder: string
beforeAll(async () => {
  await buildCli(outdir, ['server/cli.ts'])
  api = await serveApi(someTime)
  folder = await mkdtemp(join(tmpdir(), 'trialpace-cli-'))
})
afterAll(async () => {
  await api.close()
  await rm(folder, { recursive: true })
})

const run = (args: string[], env: Record<string, string> = {}) =>
  runCli(outdir, args, {
    TRIALPACE_URL: api.server.url,
    TRIALPACE_SECRET_KEY: secretKey,
    TRIALPACE_DATA_DIR: join(folder, 'data'),
    ...env,
  })

test('help is everywhere, and wrong use ends with 2', async () => {
  const [help, nested, wrong] = await Promise.all([
    run(['--help']),
    run(['playbook', 'push', '--help']),
    run(['dance']),
  ])
  expect([help.code, nested.code, wrong.code]).toEqual([0, 0, 2])
  for (const command of [
    'start',
    'demo',
    'doctor',
    'keys',
    'playbook',
    'simulate',
    'import',
    'export',
    'audit',
  ])
    expect(help.stdout).toContain(`  ${command} `)
})

test('wrong settings stop the start with 2, all named and without a stack trace', async () => {
  const { code, stderr } = await run(['start'], { PORT: 'x', ROLE: 'boss' })
  expect(code).toBe(2)
  expect(stderr).toContain('PORT must be')
  expect(stderr).toContain('ROLE must be')
  expect(stderr).not.toContain('    at ')
})

describe('import', () => {
  test('reads a CSV file, names refused lines, takes corrected ones, and goes on where it was interrupted', async () => {
    const file = join(folder, 'people.csv')
    const head = 'userId,email,name,trial.endsAt,seats\n'
    const marie = 'c1,c1@example.com,"Curie, Marie",2026-10-01T00:00:00Z,5\n'
    await writeFile(file, `${head}${marie}c2,not an address,x,,\n`)
    const first = await run(['import', file, '--json'])
    expect(first.code).toBe(3)
    expect(lastJson(first.stdout)).toMatchObject({ imported: 1, rejected: [{ line: 3 }] })
    await writeFile(file, `${head}${marie}c3,c3@example.com,,,\n`)
    const undecided = await run(['import', file, '--json'])
    expect(undecided.code).not.toBe(0)
    expect(undecided.stderr).toContain('c3 is someone new without a date')
    const decided = await run(['import', file, '--json', '--undated', 'today'])
    expect(lastJson(decided.stdout)).toMatchObject({ imported: 2, rejected: [] })
    const { size, mtimeMs } = await stat(file)
    await writeFile(`${file}.progress`, `2 ${size} ${mtimeMs}`)
    expect(lastJson((await run(['import', file, '--json'])).stdout)).toMatchObject({ imported: 1 })
    await writeFile(`${file}.progress`, `2 ${size - 1} ${mtimeMs}`)
    expect(lastJson((await run(['import', file, '--json'])).stdout)).toMatchObject({ imported: 2 })
    await expect(stat(`${file}.progress`)).rejects.toThrow('ENOENT')
    const { body } = await api.call<Trialist>('GET', '/api/trialists/c1')
    expect(body).toMatchObject({
      name: 'Curie, Marie',
      traits: { seats: 5 },
      trial: { endsAt: '2026-10-01T00:00:00.000Z' },
    })
  })

  test('and export are each other’s reverse', async () => {
    const file = join(folder, 'all.ndjson')
    const { code } = await run(['export', file])
    expect(code).toBe(0)
    const lines = (await readFile(file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Trialist)
    expect(lines.map((line) => line.userId).sort()).toEqual(['c1', 'c3'])
  })
})

test('the playbook travels through a folder, its words one file for each email and language', async () => {
  const into = join(folder, 'studio')
  const { body } = await api.call<{ content: object }>('GET', '/api/content/ready/welcome')
  const { body: before, headers } = await api.call<{
    playbook: { messages: { id: string; kind: string }[] }
  }>('GET', '/api/playbook')
  const messages = before.playbook.messages.map((rule) =>
    rule.kind === 'welcome' ? { ...rule, content: body.content } : rule,
  )
  const rule = messages.find(({ kind }) => kind === 'welcome')?.id ?? ''
  const published = await api.call('PUT', '/api/playbook', {
    body: { ...before.playbook, messages },
    headers: { 'If-Match': headers.get('etag') ?? '' },
  })
  expect(published.status).toBe(200)

  expect((await run(['playbook', 'pull', into])).stderr).toContain('files')
  const german = join(into, 'emails', `${rule}.de.md`)
  expect(await readFile(join(into, 'playbook.json'), 'utf8')).not.toContain('"texts"')
  const words = await readFile(german, 'utf8')
  expect(words).toContain('<!-- @title.text (heading)')
  // As it was: nothing to publish differently.
  expect((await run(['playbook', 'diff', into])).stdout).not.toMatch(/^- /m)

  await writeFile(german, words.replace(/(<!-- @title\.text .*-->\n).*/, '$1Schön, dass du da bist'))
  expect(lastJson((await run(['playbook', 'push', into, '--json'])).stdout).version).toBeGreaterThan(1)
  const { body: after } = await api.call<{ playbook: object }>('GET', '/api/playbook')
  expect(JSON.stringify(after.playbook)).toContain('Schön, dass du da bist')

  await writeFile(german, words.replace('@title.text', '@titel.text'))
  const broken = await run(['playbook', 'validate', into])
  expect(broken.code).toBe(3)
  expect(broken.stderr).toMatch(/welcome.*\.de\.md:\d+: There is no place “titel\.text”/)
  // What the playbook has no more is gone after the next pull.
  const { headers: latest } = await api.call('GET', '/api/playbook')
  await api.call('PUT', '/api/playbook', {
    body: before.playbook,
    headers: { 'If-Match': latest.get('etag') ?? '' },
  })
  expect((await run(['playbook', 'pull', into])).stderr).toContain(`emails/${rule}.de.md`)
  await expect(stat(german)).rejects.toThrow()
})

test('words go to a translator as CSV and come back', async () => {
  const file = join(folder, 'words.csv')
  const { body: ready } = await api.call<{ content: { texts: object } }>(
    'GET',
    '/api/content/ready/thank_you',
  )
  const { body: before, headers } = await api.call<{ playbook: { messages: { kind: string }[] } }>(
    'GET',
    '/api/playbook',
  )
  const messages = before.playbook.messages.map((rule) =>
    rule.kind === 'welcome' ? { ...rule, content: ready.content } : rule,
  )
  await api.call('PUT', '/api/playbook', {
    body: { ...before.playbook, messages },
    headers: { 'If-Match': headers.get('etag') ?? '' },
  })
  expect((await run(['translations', 'export', '--language', 'nl', file])).code).toBe(0)
  const csv = await readFile(file, 'utf8')
  expect(csv).toContain('"Go to your work","","missing"')
  const words = csv
    .replace('"Go to your work","","missing"', '"Go to your work","Naar je werk","missing"')
    .replace(/(Thank you for choosing {{ product\.name }}[^"]*",)""/, '$1"Bedankt."')
  await writeFile(file, words)
  const dry = await run(['translations', 'import', '--language', 'nl', file, '--dry-run', '--json'])
  expect(lastJson(dry.stdout)).toEqual({ taken: 1, refused: 1, published: false })
  const { code, stderr } = await run(['translations', 'import', '--language', 'nl', file])
  expect(code).toBe(3)
  expect(stderr).toContain('lead.text: {{ product.name }} is missing.')
  const { body: after, headers: latest } = await api.call<{ playbook: object }>('GET', '/api/playbook')
  expect(JSON.stringify(after.playbook)).toContain('Naar je werk')
  await api.call('PUT', '/api/playbook', {
    body: before.playbook,
    headers: { 'If-Match': latest.get('etag') ?? '' },
  })
})

test('the playbook travels through a file, and a fault in it is found before the server is asked', async () => {
  const file = join(folder, 'playbook.json')
  expect((await run(['playbook', 'pull', file])).code).toBe(0)
  const playbook = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...playbook, trial: { lengthDays: 30 } }))
  expect(lastJson((await run(['playbook', 'diff', file, '--json'])).stdout).looked).toBe(2)
  const { stdout } = await run(['playbook', 'diff', file])
  expect(stdout).toContain('- A trial lasts 14 days.\n+ A trial lasts 30 days.')
  expect((await run(['playbook', 'diff', file, '--language', 'de'])).stdout).toContain(
    '+ Ein Test dauert 30 Tage.',
  )
  expect(lastJson((await run(['playbook', 'push', file, '--json'])).stdout).version).toBe(8)
  await writeFile(file, JSON.stringify({ ...playbook, trial: { lengthDays: -1 } }))
  const broken = await run(['playbook', 'push', file])
  expect(broken.code).toBe(3)
  expect(broken.stderr).toContain('/trial/lengthDays')
})

test('keys and the audit log work on the database itself', async () => {
  const made = lastJson((await run(['keys', 'create', 'deploy', '--json'])).stdout)
  expect(made.key).toMatch(/^sk_/)
  const list = lastJson((await run(['keys', 'list', '--json'])).stdout)
  expect(list.secretKeys.map((key: { label: string }) => key.label)).toContain('deploy')
  expect(lastJson((await run(['audit', 'verify', '--json'])).stdout)).toMatchObject({ intact: true, rows: 1 })
})

test('doctor checks what it can and says what it could not', async () => {
  const { code, stdout } = await run(['doctor', '--json'], {
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'Acme <hello@acme.invalid>',
  })
  const { findings } = lastJson(stdout) as { findings: { check: string; state: string }[] }
  const states = Object.fromEntries(findings.map(({ check, state }) => [check, state]))
  expect(states).toMatchObject({ Settings: 'ok', Database: 'ok', 'Mail server': 'wrong' })
  expect(['wrong', 'unknown']).toContain(states.SPF)
  expect(code).toBe(3)
})
