import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Config, readConfig } from '../../server/config.ts'
import { operationsApi } from '../../shared/api/operations.ts'

/** No Docker is at hand where these tests run, so what the files promise is held against the code instead. */
const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const deploy = (file: string): string => read(`server/deploy/${file}`)

interface Service {
  readonly image: string
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, { condition: string }>>
  readonly healthcheck?: object
  readonly networks?: readonly string[]
  readonly volumes?: readonly string[]
  readonly command?: readonly string[]
  readonly build?: { context: string; dockerfile: string }
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly stop_grace_period?: string
}
interface Compose {
  readonly include?: readonly { path: string; env_file: readonly string[] }[]
  readonly services: Readonly<Record<string, Service>>
  readonly networks?: object
  readonly volumes?: object
}

const composeOf = (file: string): Compose => parse(deploy(file), { merge: true }) as Compose

/** As Compose replaces `${NAME}`, `${NAME:-default}` and `${NAME:?why}`. @throws when a needed one is not set. */
function filledIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, rest?: string) => {
    const value = values[name]
    if (value) return value
    if (kind === '-') return rest ?? ''
    throw new Error(`${name} is not set: ${rest ?? ''}`)
  })
}

/** What README.md beside the files says to put into `.env`. */
const dotEnv = {
  PUBLIC_URL: 'https://trials.acme.example',
  SITE_ADDRESS: 'trials.acme.example',
  TRIALPACE_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  TRIALPACE_ADMIN_EMAIL: 'ada@acme.example',
  TRIALPACE_ADMIN_PASSWORD: 'correct horse battery staple',
  SMTP_URL: 'smtps://user:password@smtp.acme.example',
  MAIL_FROM: 'Acme <hello@acme.example>',
  FERRETDB_PASSWORD: 'abc123',
}

const envFile = (file: string): Record<string, string> =>
  Object.fromEntries(
    deploy(file)
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), filledIn(line.slice(line.indexOf('=') + 1), dotEnv)]),
  )

const shared = composeOf('trialpace.yaml')
const ours = Object.entries(shared.services).filter(([, { image }]) => image === 'trialpace')

interface Instruction {
  readonly name: string
  readonly rest: string
}
const dockerfile: readonly Instruction[] = deploy('Dockerfile')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({
    name: line.slice(0, line.indexOf(' ')),
    rest: line.slice(line.indexOf(' ') + 1).trim(),
  }))
const instructions = (name: string): string[] =>
  dockerfile.filter((each) => each.name === name).map(({ rest }) => rest)
const imageEnv = Object.fromEntries(
  instructions('ENV').flatMap((line) => line.split(/\s+/).map((pair) => pair.split('=') as [string, string])),
)

describe('the image', () => {
  it('has one Node for building and running, which this package allows', () => {
    const versions = instructions('FROM').map((from) => /^node:(\d+)-bookworm-slim\b/.exec(from)?.[1])
    expect(versions).toHaveLength(2)
    expect(new Set(versions).size).toBe(1)
    const major = Number(versions[0])
    // Even ones are supported for years.
    expect(major % 2).toBe(0)
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } }
    expect(major).toBeGreaterThan(Number(/^>=(\d+)/.exec(engines.node)?.[1]))
  })

  it('starts what `npm start` starts, as a user without rights', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: { start: string } }
    expect((JSON.parse(instructions('CMD').at(-1) ?? '') as string[]).join(' ')).toBe(scripts.start)
    const user = dockerfile.findIndex(({ name }) => name === 'USER')
    expect(dockerfile[user]?.rest).toBe('node')
    expect(dockerfile.slice(user).some(({ name }) => name === 'RUN')).toBe(false)
  })

  it('copies only what is there', () => {
    const ignored = read('.dockerignore').split('\n')
    const copied = instructions('COPY').flatMap((line) => {
      const isBuilt = line.startsWith('--from=')
      const paths = line.split(/\s+/).slice(isBuilt ? 1 : 0, -1)
      return paths.map((path) => ({ path: path.replace(/^\/app\//, ''), isBuilt }))
    })
    expect(copied.length).toBeGreaterThan(5)
    for (const { path, isBuilt } of copied) {
      if (!isBuilt) expect(ignored).not.toContain(path)
      if (!['dist', 'node_modules'].includes(path)) expect(existsSync(join(root, path)), path).toBe(true)
    }
    // The build reads nothing that stays outside.
    expect(read('rollup.config.mjs')).not.toMatch(/['"]\.?\/?(?:test|\.ci)\//)
  })

  it('sets what the server reads, and asks for its health at a path that it has', () => {
    const { NODE_ENV, ...env } = imageEnv
    expect(NODE_ENV).toBe('production')
    expect(readConfig(env)).toMatchObject({
      ok: true,
      config: { host: '0.0.0.0', port: 8080, dataDir: '/data' },
    })
    expect(instructions('EXPOSE')).toEqual([env.PORT])
    const path = /PORT\}(\/\w+)`/.exec(dockerfile.find(({ name }) => name === 'HEALTHCHECK')?.rest ?? '')?.[1]
    expect(Object.keys(operationsApi)).toContain(`GET ${path}`)
  })
})

describe.each([
  ['compose.yaml', 'mongodb'],
  ['compose.ferretdb.yaml', 'ferretdb'],
])('%s', (file, database) => {
  const compose = composeOf(file)
  const services = { ...shared.services, ...compose.services }
  const variables = { ...dotEnv, ...envFile(compose.include?.[0]?.env_file[0] ?? '') }

  function configOf({ environment = {} }: Service): Config {
    const given = Object.entries(environment).map(([name, value]) => [name, filledIn(value, variables)])
    const found = readConfig({ ...imageEnv, ...(Object.fromEntries(given) as Record<string, string>) })
    if (!found.ok) throw new Error(JSON.stringify(found.faults))
    return found.config
  }

  it('includes files that are there, and every service with its networks and volumes', () => {
    for (const { path, env_file } of compose.include ?? [])
      for (const each of [path, ...env_file]) expect(existsSync(join(root, 'server/deploy', each))).toBe(true)
    const networks = Object.keys(shared.networks ?? {})
    const volumes = Object.keys({ ...shared.volumes, ...compose.volumes })
    for (const [name, service] of Object.entries(services)) {
      for (const network of service.networks ?? []) expect(networks, name).toContain(network)
      for (const volume of service.volumes ?? []) {
        const source = volume.slice(0, volume.indexOf(':'))
        if (source.startsWith('./')) expect(existsSync(join(root, 'server/deploy', source))).toBe(true)
        else expect(volumes, name).toContain(source)
      }
      for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(condition).toBe('service_healthy')
        const hasCheck = services[needed]?.healthcheck ?? services[needed]?.image === 'trialpace'
        expect(Boolean(hasCheck), needed).toBe(true)
      }
    }
  })

  it('gives every server settings that it starts with: two web servers, and workers', () => {
    const configs = ours.map(([, service]) => configOf(service))
    expect(configs.map(({ role }) => role)).toEqual(['web', 'web', 'worker'])
    for (const config of configs) {
      expect(new URL(config.mongodbUri ?? '').hostname).toBe(database)
      expect(config).toMatchObject({
        publicUrl: dotEnv.PUBLIC_URL,
        mailFrom: dotEnv.MAIL_FROM,
        trustProxy: 1,
      })
      expect(Object.keys(services)).toContain(database)
    }
    for (const [, { environment = {} }] of ours)
      expect(Object.keys(environment).filter((name) => !read('README.md').includes(`\`${name}\``))).toEqual(
        [],
      )
  })

  it('says in one line what is missing', () => {
    const [, web] = ours[0] as [string, Service]
    const { PUBLIC_URL: _, ...rest } = variables
    expect(() => Object.values(web.environment ?? {}).map((value) => filledIn(value, rest))).toThrow(
      'PUBLIC_URL is not set',
    )
  })
})

describe('the servers', () => {
  it('write nothing but their volumes, hold no rights, and are given time to drain', () => {
    for (const [, service] of ours) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
      const drain = Number(service.environment?.DRAIN_TIMEOUT)
      expect(Number.parseInt(service.stop_grace_period ?? '', 10)).toBeGreaterThan(drain)
      expect(
        existsSync(
          join(root, 'server/deploy', service.build?.context ?? '', service.build?.dockerfile ?? ''),
        ),
      ).toBe(true)
    }
  })

  it('are all behind the proxy, which asks whether they are ready', () => {
    const caddyfile = deploy('Caddyfile')
    const upstreams = /reverse_proxy (.+) \{/.exec(caddyfile)?.[1]?.split(' ')
    const webs = ours.filter(([, { environment }]) => environment?.ROLE === 'web').map(([name]) => name)
    expect(upstreams).toEqual(webs.map((name) => `${name}:${imageEnv.PORT}`))
    expect(Object.keys(operationsApi)).toContain(`GET ${/health_uri (\S+)/.exec(caddyfile)?.[1]}`)
    expect(caddyfile.split('{').length).toBe(caddyfile.split('}').length)
    expect(Object.keys(shared.services.proxy?.depends_on ?? {})).toEqual(webs)
  })
})
