import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const folder = '.github/workflows'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}
interface Workflow {
  readonly permissions?: unknown
  readonly jobs: Readonly<
    Record<string, { readonly 'timeout-minutes'?: number; readonly steps: readonly Step[] }>
  >
}

const files = readdirSync(join(root, folder))
const workflows = files.map((file) => ({
  file,
  text: read(`${folder}/${file}`),
  ...(parse(read(`${folder}/${file}`)) as Workflow),
}))
const steps = workflows.flatMap(({ jobs }) => Object.values(jobs).flatMap((job) => job.steps))
const commands = steps.flatMap(({ run }) => (run ? [run] : [])).join('\n')

it('every action is pinned by the hash of a commit, with its version beside it', () => {
  const lines = workflows.flatMap(({ text }) => text.match(/uses: .+/g) ?? [])
  expect(lines.length).toBe(steps.filter(({ uses }) => uses).length)
  for (const line of lines) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  // One version of each, everywhere.
  const hashes = new Map(steps.flatMap(({ uses }) => (uses ? [uses.split('@') as [string, string]] : [])))
  for (const { uses } of steps)
    if (uses) expect(uses.split('@')[1]).toBe(hashes.get(uses.split('@')[0] ?? ''))
})

it('every workflow asks for no right that it does not name, and every job ends', () => {
  for (const { file, permissions, jobs } of workflows) {
    expect(permissions, file).toEqual({ contents: 'read' })
    for (const job of Object.values(jobs)) expect(job['timeout-minutes'], file).toBeGreaterThan(0)
  }
})

it('calls scripts, test projects and files that are there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const names = [...commands.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string)
  expect(names.length).toBeGreaterThan(1)
  for (const name of names) expect(Object.keys(scripts)).toContain(name)
  const projects = [...read('vitest.config.ts').matchAll(/^ +name: '(\w+)'/gm)].map(([, name]) => name)
  for (const [, name] of commands.matchAll(/--project (\w+)/g)) expect(projects).toContain(name)
  for (const [, path] of commands.matchAll(/(?:^|\s)((?:\.ci|server|test)\/[\w./-]+)/g))
    expect(existsSync(join(root, path as string)), path).toBe(true)
})

it('tests the database images that the compose files start, with the settings they need', () => {
  const compose = ['compose.yaml', 'compose.ferretdb.yaml']
    .map((file) => read(`server/deploy/${file}`))
    .join('\n')
  const images = [...compose.matchAll(/image: (\S+)/g)].map(([, image]) => image as string)
  expect(images).toHaveLength(3)
  const { text } = workflows.find(({ file }) => file === 'databases.yml') ?? { text: '' }
  for (const image of images) expect(text).toContain(image)
  for (const setting of compose.match(/documentdb\.\w+=on/g) ?? []) expect(text).toContain(setting)
})
