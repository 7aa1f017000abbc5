import { statfs } from 'node:fs/promises'
import type { Command } from 'commander'
import { dayMs, isoInstant } from '../../shared/clock.ts'
import { createIds } from '../adapters/ids.ts'
import { fingerprintOf } from '../compose/sending-fence.ts'
import { type Config, readConfig } from '../config.ts'
import type { Finding } from '../domain/finding.ts'
import { holdOf } from '../domain/sending.ts'
import type { Workspace } from '../domain/workspace.ts'
import { environmentTable } from '../environment.ts'
import { readSendingTrouble } from '../features/messages/sending-trouble.ts'
import { createVault, readEncryptionKey } from '../features/workspaces/vault.ts'
import { createWorkspaces } from '../features/workspaces/workspace-service.ts'
import { isPrivateUrl } from '../http/private-connection.ts'
import { checkInstanceFence, confirmInstance } from '../storage/instance-fence.ts'
import type { Storage } from '../storage/port.ts'
import { checkBackups, schemaToCome } from './doctor-backups.ts'
import { checkDns } from './doctor-dns.ts'
import { checkViewing } from './doctor-viewing.ts'
import { requireConfig } from './local.ts'
import { exitCodes, note, print } from './output.ts'

const marks = { ok: '✓', warning: '!', wrong: '✗', unknown: '?' } as const

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const check = 'Node.js'
  if (major < 20 || (major === 20 && minor < 19))
    return { check, state: 'wrong', detail: process.version, fix: 'Install Node.js 20.19 or later.' }
  return major < 22
    ? {
        check,
        state: 'warning',
        detail: `${process.version} no longer gets security fixes`,
        fix: 'Move to the current LTS.',
      }
    : { check, state: 'ok', detail: process.version }
}

async function checkDisk({ dataDir }: Config): Promise<Finding> {
  const check = 'Disk'
  try {
    const { bavail, bsize } = await statfs(dataDir)
    const freeGb = (bavail * bsize) / 1e9
    const detail = `${freeGb.toFixed(1)} GB free`
    return freeGb < 1
      ? { check, state: 'warning', detail, fix: 'Free some space: events that cannot be stored are refused.' }
      : { check, state: 'ok', detail }
  } catch {
    return { check, state: 'unknown', detail: `${dataDir} does not exist yet; the first start creates it` }
  }
}

const maxSkewMs = 2000
const proxySeenMs = 7 * dayMs

async function checkStorage(config: Config): Promise<Finding[]> {
  try {
    const toCome = await schemaToCome(config)
    if (toCome) return [toCome]
    const { openStorage } = await import('../storage/open.ts')
    const storage = await openStorage({
      dataDir: config.dataDir,
      ...(config.mongodbUri && { mongodbUri: config.mongodbUri }),
    })
    try {
      await storage.ping()
      const { name, version, compatible } = storage.engine
      const skewMs = Math.abs((await storage.now()) - Date.now())
      return [
        {
          check: 'Database',
          state: 'ok',
          detail: `${name} ${version}${compatible ? ' (compatible server)' : ''}`,
        },
        skewMs > maxSkewMs
          ? {
              check: 'Clock',
              state: 'warning',
              detail: `${skewMs} ms away from the database’s`,
              fix: 'Run a time service on both hosts.',
            }
          : { check: 'Clock', state: 'ok', detail: `${skewMs} ms away from the database’s` },
        await checkInstance(config, storage),
        ...(await checkTrust(config, storage)),
        ...(await checkProxy(config, storage)),
        await checkSending(storage),
      ]
    } finally {
      await storage.close()
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    const fix = config.mongodbUri
      ? 'Check MONGODB_URI and that the server runs.'
      : 'Check TRIALPACE_DATA_DIR and its permissions.'
    return [{ check: 'Database', state: 'wrong', detail, fix }]
  }
}

async function checkInstance(config: Config, storage: Storage): Promise<Finding> {
  const check = 'Home of the data'
  const { state } = await checkInstanceFence(storage, fingerprintOf(config), Date.now())
  return state === 'ok'
    ? { check, state: 'ok', detail: 'email may be sent from here' }
    : {
        check,
        state: 'wrong',
        detail: 'the database was copied from elsewhere, so no email is sent',
        fix: 'If the old server is off for good, run `trialpace doctor --confirm-instance`.',
      }
}

async function checkSending({ documents }: Storage): Promise<Finding> {
  const check = 'Sending'
  const trouble = await readSendingTrouble(documents)
  if (!trouble) return { check, state: 'ok', detail: 'the mail server takes our emails, as far as is known' }
  const { detail, todo, since, answer } = trouble
  return { check, state: 'wrong', detail: `${detail} Since ${isoInstant(since)}: ${answer}`, fix: todo }
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/** Whether what is said to this server can be read on the way. */
function checkTransport({ host, publicUrl }: Pick<Config, 'host' | 'publicUrl'>): Finding {
  const check = 'Transport'
  const isOpen = !loopback.has(host)
  if (publicUrl !== null && !isPrivateUrl(publicUrl))
    return {
      check,
      state: 'wrong',
      detail: 'PUBLIC_URL is plain http: keys and addresses can be read in transit, and no one can sign in',
      fix: 'Put TLS in front of the server and set PUBLIC_URL to its https address.',
    }
  if (isOpen && publicUrl === null)
    return {
      check,
      state: 'warning',
      detail: `HOST=${host} answers other machines over plain http; they cannot sign in`,
      fix: 'Put TLS in front of the server and set PUBLIC_URL to its https address, or listen on 127.0.0.1.',
    }
  return { check, state: 'ok', detail: isOpen ? 'https, by a proxy in front of the server' : 'private' }
}

/** Whether emails go to people; one that is not released sends to no one. */
function checkRelease({ name, sending }: Workspace): Finding {
  const check = 'Release'
  const held = holdOf(sending)
  if (held !== null && sending.releasedAt === null)
    return {
      check,
      state: 'warning',
      detail: `no email goes to anyone: ${held}`,
      fix: 'See what is missing with `trialpace release --preview`, then run `trialpace release`.',
    }
  if (held !== null || sending.mode === 'test')
    return {
      check,
      state: 'warning',
      detail: held ? `no email goes to anyone: ${held}` : `every email goes to ${sending.testAddress}`,
      fix: 'When people should get them, run `trialpace sending normal`.',
    }
  return { check, state: 'ok', detail: `emails of ${name} go to people` }
}

/** What of the workspaces a team should know: who is believed, and keys of the environment that no longer count. */
async function checkTrust(config: Config, storage: Storage): Promise<Finding[]> {
  const vault = createVault(readEncryptionKey(config))
  const clock = { now: Date.now, waitUntil: async () => undefined }
  const workspaces = createWorkspaces({ storage, vault, clock, ids: createIds() })
  await workspaces.refresh()
  const trusting = workspaces.all().filter(({ identity }) => identity === 'trusting')
  const ignored = workspaces.ignoredSeeds(config)
  return [
    ...workspaces.all().map(checkRelease),
    trusting.length === 0
      ? { check: 'Identity', state: 'ok', detail: 'users count only when signed' }
      : {
          check: 'Identity',
          state: 'warning',
          detail: `trusting in ${trusting.map(({ name }) => name).join(', ')}: anyone with the public key can add usage to any user`,
          fix: 'Sign your users (Settings, Signed users), then choose "Required" there.',
        },
    ...ignored.map(
      (name): Finding => ({
        check: 'Environment',
        state: 'warning',
        detail: `the ${name} from the environment was revoked or rotated, so it is not used`,
        fix: 'Remove it from the environment, or set a new one.',
      }),
    ),
  ]
}

/** Behind a proxy that is not named all visitors are one address to us: they share its limits. */
async function checkProxy({ trustProxy }: Config, { documents }: Storage): Promise<Finding[]> {
  const seen = trustProxy === false ? await documents.get('forwarded-seen', 'this') : null
  if (!seen || Date.now() - seen.body.at > proxySeenMs) return []
  return [
    {
      check: 'Proxy',
      state: 'warning',
      detail: `requests come with X-Forwarded-For (last ${isoInstant(seen.body.at)}) and TRUST_PROXY is not set, so everyone behind that proxy counts as one address`,
      fix: 'Set TRUST_PROXY to the address of the proxy, or to how many there are.',
    },
  ]
}

async function checkSmtp({ smtpUrl }: Config): Promise<Finding> {
  const check = 'Mail server'
  if (!smtpUrl)
    return {
      check,
      state: 'warning',
      detail: 'none, so no email goes out',
      fix: 'Set SMTP_URL and MAIL_FROM.',
    }
  const { createSmtpMailer } = await import('../adapters/smtp-mailer.ts')
  const mailer = createSmtpMailer({ url: smtpUrl, log: { warn: () => undefined } })
  try {
    const verified = await mailer.verify()
    return verified.ok
      ? { check, state: 'ok', detail: 'it answers and accepts our sign-in' }
      : {
          check,
          state: 'wrong',
          detail: verified.why,
          fix: 'Check host, port, user and password in SMTP_URL.',
        }
  } finally {
    await mailer.close()
  }
}

/** Every check on its own: one that fails says so and the others go on. */
export async function examine(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const read = readConfig(env)
  if (!read.ok)
    return [
      checkNode(),
      ...read.faults.map(
        ({ name, detail }): Finding => ({
          check: name,
          state: 'wrong',
          detail: `${detail}.`,
          fix: 'Correct the setting.',
        }),
      ),
    ]
  const { config } = read
  const [disk, storage, smtp, dns, viewing] = await Promise.all([
    checkDisk(config),
    checkStorage(config),
    checkSmtp(config),
    checkDns(config),
    checkViewing(config),
  ])
  return [
    checkNode(),
    { check: 'Settings', state: 'ok', detail: 'every value is valid' },
    checkTransport(config),
    disk,
    ...checkBackups(config, Date.now()),
    ...storage,
    smtp,
    ...dns,
    ...viewing,
  ]
}

interface DoctorOptions {
  envTable?: boolean
  confirmInstance?: boolean
  json?: boolean
}

async function confirmMove(): Promise<void> {
  const config = requireConfig()
  const { openStorage } = await import('../storage/open.ts')
  const storage = await openStorage({
    dataDir: config.dataDir,
    ...(config.mongodbUri && { mongodbUri: config.mongodbUri }),
  })
  try {
    await confirmInstance(storage, fingerprintOf(config), Date.now())
    note('This is the home of the database now; a running server sends email again within seconds.')
  } finally {
    await storage.close()
  }
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check settings, database, mail server, DNS and disk, and say what to do')
    .option('--env-table', 'print the table of environment variables instead')
    .option('--confirm-instance', 'this copy of the database is the one that sends from now on')
    .option('--json', 'one JSON object on stdout')
    .action(async ({ envTable, confirmInstance, json }: DoctorOptions) => {
      if (confirmInstance) return confirmMove()
      if (envTable) {
        process.stdout.write(`${environmentTable()}\n`)
        return
      }
      const findings = await examine(process.env)
      print(json === true, { findings }, () =>
        findings
          .map(
            ({ check, state, detail, fix }) =>
              `${marks[state]} ${check}: ${detail}${fix ? `\n    ${fix}` : ''}`,
          )
          .join('\n'),
      )
      if (findings.some(({ state }) => state === 'wrong')) process.exitCode = exitCodes.findings
    })
}
