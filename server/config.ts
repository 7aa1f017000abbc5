import { type Environment, environmentSchema } from './environment.ts'

export interface ConfigFault {
  name: string
  detail: string
}

/** Rules that tie two variables together. */
function crossFaults(env: Environment): ConfigFault[] {
  const faults: ConfigFault[] = []
  const need = (given: unknown, name: keyof Environment, other: string) => {
    if (given !== undefined && env[name] === undefined)
      faults.push({ name, detail: `must be set when ${other} is` })
  }
  need(env.SMTP_URL, 'MAIL_FROM', 'SMTP_URL')
  need(env.TRIALPACE_ADMIN_EMAIL, 'TRIALPACE_ADMIN_PASSWORD', 'TRIALPACE_ADMIN_EMAIL')
  need(env.TRIALPACE_ADMIN_PASSWORD, 'TRIALPACE_ADMIN_EMAIL', 'TRIALPACE_ADMIN_PASSWORD')
  const dkim = ['DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_PRIVATE_KEY_FILE'] as const
  const set = dkim.find((name) => env[name] !== undefined)
  if (set) for (const name of dkim) need(true, name, set)
  if (env.ROLE !== 'all' && env.MONGODB_URI === undefined)
    faults.push({
      name: 'MONGODB_URI',
      detail: `must be set when ROLE is ${env.ROLE}: one SQLite file serves one process`,
    })
  return faults
}

const proxyOf = (value: string | undefined): number | string[] | false => {
  if (value === undefined) return false
  return /^\d+$/.test(value) ? Number(value) : value.split(',').map((part) => part.trim())
}

const toConfig = (env: Environment) => ({
  port: env.PORT,
  host: env.HOST,
  /** null: derive it from where the server listens. */
  publicUrl: env.PUBLIC_URL ?? null,
  dataDir: env.TRIALPACE_DATA_DIR,
  backupDir: env.BACKUP_DIR ?? null,
  backupKeep: env.BACKUP_KEEP,
  mongodbUri: env.MONGODB_URI ?? null,
  smtpUrl: env.SMTP_URL ?? null,
  mailFrom: env.MAIL_FROM ?? null,
  dkim:
    env.DKIM_DOMAIN && env.DKIM_SELECTOR && env.DKIM_PRIVATE_KEY_FILE
      ? { domain: env.DKIM_DOMAIN, selector: env.DKIM_SELECTOR, privateKeyFile: env.DKIM_PRIVATE_KEY_FILE }
      : null,
  inboundSmtpPort: env.INBOUND_SMTP_PORT ?? null,
  inboundDomain: env.INBOUND_DOMAIN ?? env.MAIL_FROM?.replace(/>$/, '').split('@')[1] ?? null,
  role: env.ROLE,
  writeKey: env.TRIALPACE_WRITE_KEY ?? null,
  secretKey: env.TRIALPACE_SECRET_KEY ?? null,
  identitySecret: env.TRIALPACE_IDENTITY_SECRET ?? null,
  released: env.TRIALPACE_RELEASED === 'true',
  adminEmail: env.TRIALPACE_ADMIN_EMAIL ?? null,
  adminPassword: env.TRIALPACE_ADMIN_PASSWORD ?? null,
  encryptionKey: env.TRIALPACE_ENCRYPTION_KEY ?? null,
  previousEncryptionKey: env.TRIALPACE_ENCRYPTION_KEY_PREVIOUS ?? null,
  trustProxy: proxyOf(env.TRUST_PROXY),
  logLevel: env.LOG_LEVEL,
  spamdUrl: env.SPAMD_URL ?? null,
  extensionIds: env.TRIALPACE_EXTENSION_IDS ?? [],
  dnsServers: env.DNS_SERVERS ?? null,
  metricsToken: env.METRICS_TOKEN ?? null,
  metricsWebhook: env.TRIALPACE_METRICS_WEBHOOK ?? null,
  apiRateLimit: env.API_RATE_LIMIT,
  drainTimeoutMs: env.DRAIN_TIMEOUT * 1000,
})

export type Config = Readonly<ReturnType<typeof toConfig>>

/** Reads the environment once. An empty variable counts as absent, as compose files write it. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
): { ok: true; config: Config } | { ok: false; faults: ConfigFault[] } {
  const given = Object.fromEntries(
    Object.keys(environmentSchema.shape).flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  )
  const parsed = environmentSchema.safeParse(given)
  if (!parsed.success)
    return {
      ok: false,
      faults: parsed.error.issues.map((issue) => ({ name: String(issue.path[0]), detail: issue.message })),
    }
  const faults = crossFaults(parsed.data)
  return faults.length > 0
    ? { ok: false, faults }
    : { ok: true, config: Object.freeze(toConfig(parsed.data)) }
}

/** @returns every fault with its fix, as printed before the start is given up. Values are never repeated. */
export const configFaultText = (faults: readonly ConfigFault[]): string =>
  [
    `Trialpace cannot start: ${faults.length} setting(s) are wrong.`,
    ...faults.map(({ name, detail }) => `  ${name} ${detail}.`),
    'Correct them and start again. `trialpace doctor --env-table` lists every setting.',
  ].join('\n')
