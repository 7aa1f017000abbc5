import { isIP } from 'node:net'
import * as z from 'zod'

/** What one environment variable means; the README table is made of these. */
interface Variable {
  type: string
  unit?: string
  doc: string
  secret?: true
}

const variables = z.registry<Variable>()
const described = <Schema extends z.ZodType>(schema: Schema, variable: Variable): Schema => {
  variables.add(schema, variable)
  return schema
}

const number = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
const text = (max = 1000) => z.string().max(max)
const url = (protocols: RegExp, example: string) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.test(new URL(value).protocol),
      `must be a URL such as ${example}`,
    )
const key = (prefix: string) =>
  z
    .string()
    .regex(
      new RegExp(`^${prefix}[A-Za-z0-9_-]{16,200}$`),
      `must be ${prefix} and at least 16 letters, digits, - or _`,
    )

const isProxyList = (value: string): boolean =>
  /^\d{1,2}$/.test(value) ||
  value
    .split(',')
    .every((part) => /^(loopback|linklocal|uniquelocal|[0-9a-fA-F:.]+(\/\d{1,3})?)$/.test(part.trim()))

const isDnsServer = (value: string): boolean => {
  const [, address = value, port = '53'] = /^\[?([^[\]]+?)\]?(?::(\d{1,5}))?$/.exec(value) ?? []
  if (isIP(value) !== 0) return true
  const isBracketed = value.startsWith('[')
  return Number(port) > 0 && Number(port) <= 65_535 && isIP(address) === (isBracketed ? 6 : 4)
}

export const environmentSchema = z.object({
  PORT: described(number(0, 65_535).default(8080), {
    type: 'port',
    doc: 'Where HTTP listens; 0 takes a free one.',
  }),
  HOST: described(text().default('127.0.0.1'), {
    type: 'address',
    doc: 'Address HTTP binds to. Use `0.0.0.0` in a container.',
  }),
  PUBLIC_URL: described(
    url(/^https?:$/, 'https://trials.example.com')
      .transform((value) => value.replace(/\/+$/, ''))
      .optional(),
    {
      type: 'URL',
      doc: 'How browsers and email readers reach this server; links in emails begin with it. Default: `http://HOST:PORT`.',
    },
  ),
  TRIALPACE_DATA_DIR: described(text().default('./data'), {
    type: 'path',
    doc: 'Holds the SQLite database and the key file.',
  }),
  BACKUP_DIR: described(text().optional(), {
    type: 'path',
    doc: 'Once a day a backup of the SQLite database is put there, on a disk of its own if you can. Without it none is taken.',
  }),
  BACKUP_KEEP: described(number(1, 1000).default(7), {
    type: 'number',
    doc: 'How many of them are kept.',
  }),
  MONGODB_URI: described(url(/^mongodb(\+srv)?:$/, 'mongodb://localhost/trialpace').optional(), {
    type: 'URL',
    doc: 'Use this MongoDB instead of embedded SQLite.',
    secret: true,
  }),
  SMTP_URL: described(url(/^smtps?:$/, 'smtps://user:password@smtp.example.com').optional(), {
    type: 'URL',
    doc: 'Mail server that sends our email. Without it no email goes out.',
    secret: true,
  }),
  MAIL_FROM: described(
    z
      .string()
      .regex(
        /^([^<>@]{1,100}<)?[^\s<>@,;:"]+@[^\s<>@,;:"]+\.[^\s<>@,;:"]+>?$/,
        'must be an address such as Acme <hello@acme.example>',
      )
      .optional(),
    {
      type: 'address',
      doc: 'Sender of emails when the playbook names none. Required with `SMTP_URL`.',
    },
  ),
  DKIM_DOMAIN: described(text(253).optional(), {
    type: 'domain',
    doc: 'Signing domain. All three `DKIM_` variables or none; leave them out when the mail server signs.',
  }),
  DKIM_SELECTOR: described(text(63).optional(), {
    type: 'name',
    doc: 'Selector: the public key stands at `<selector>._domainkey.<domain>`.',
  }),
  DKIM_PRIVATE_KEY_FILE: described(text().optional(), { type: 'path', doc: 'PEM file of the private key.' }),
  INBOUND_SMTP_PORT: described(number(0, 65_535).optional(), {
    type: 'port',
    doc: 'Port to listen on for bounces, complaints and replies. Without it they have to be posted to `/api/inbound`.',
  }),
  INBOUND_DOMAIN: described(text(253).optional(), {
    type: 'domain',
    doc: 'Domain of return paths and reply addresses; its MX must lead to `INBOUND_SMTP_PORT`. Default: domain of `MAIL_FROM`.',
  }),
  ROLE: described(z.enum(['all', 'web', 'worker'], 'must be all, web or worker').default('all'), {
    type: 'all, web, worker',
    doc: '`web` answers HTTP, `worker` sends email and runs jobs, `all` does both. Any number of each can share one MongoDB.',
  }),
  TRIALPACE_WRITE_KEY: described(key('pk_').optional(), {
    type: 'key',
    doc: 'Public key of the first workspace. If absent, one is created and printed once.',
  }),
  TRIALPACE_SECRET_KEY: described(key('sk_').optional(), {
    type: 'key',
    doc: 'API key of the first workspace. If absent, one is created and printed once.',
    secret: true,
  }),
  TRIALPACE_IDENTITY_SECRET: described(
    z.string().min(32, 'must have at least 32 characters').max(500).optional(),
    {
      type: 'text',
      doc: 'HS256 secret with which your server signs user identities. If absent, one is created and printed once.',
      secret: true,
    },
  ),
  TRIALPACE_ADMIN_EMAIL: described(z.email('must be an email address').optional(), {
    type: 'address',
    doc: 'Email address of the first dashboard account.',
  }),
  TRIALPACE_ADMIN_PASSWORD: described(
    z.string().min(12, 'must have at least 12 characters').max(128).optional(),
    {
      type: 'text',
      doc: 'Its password. Required with `TRIALPACE_ADMIN_EMAIL`; changing it here changes the account.',
      secret: true,
    },
  ),
  TRIALPACE_RELEASED: described(z.enum(['true', 'false'], 'must be true or false').default('false'), {
    type: 'true, false',
    doc: '`true` releases the first workspace at the start: emails go to people without anyone pressing Release. For installations that no person sets up.',
  }),
  TRIALPACE_ENCRYPTION_KEY_PREVIOUS: described(
    z
      .string()
      .refine(
        (value) => Buffer.from(value, 'base64').length === 32,
        'must be 32 bytes in base64, the key that was in use before',
      )
      .optional(),
    {
      type: 'base64',
      unit: '32 bytes',
      doc: 'The previous encryption key. At the start every stored secret is encrypted again with the new key; then remove this variable.',
      secret: true,
    },
  ),
  TRIALPACE_ENCRYPTION_KEY: described(
    z
      .string()
      .refine(
        (value) => Buffer.from(value, 'base64').length === 32,
        'must be 32 bytes in base64, e.g. from `openssl rand -base64 32`',
      )
      .optional(),
    {
      type: 'base64',
      unit: '32 bytes',
      doc: 'Encrypts stored secrets. Default: a key file in the data directory. All servers on one MongoDB need the same key.',
      secret: true,
    },
  ),
  TRUST_PROXY: described(
    z
      .string()
      .refine(
        isProxyList,
        'must be a number of proxies or a list of their addresses, e.g. 10.0.0.0/8; "true" would let anyone forge an address',
      )
      .optional(),
    {
      type: 'number or addresses',
      doc: 'Reverse proxies whose `X-Forwarded-*` headers are trusted. Default: none.',
    },
  ),
  LOG_LEVEL: described(
    z
      .enum(
        ['fatal', 'error', 'warn', 'info', 'debug', 'silent'],
        'must be fatal, error, warn, info, debug or silent',
      )
      .default('info'),
    {
      type: 'level',
      doc: 'Lowest severity that is logged (JSON, to stdout).',
    },
  ),
  SPAMD_URL: described(url(/^spamd:$/, 'spamd://localhost:783').optional(), {
    type: 'URL',
    doc: 'SpamAssassin server that scores your emails when they are checked.',
  }),
  TRIALPACE_EXTENSION_IDS: described(
    z
      .string()
      .regex(/^[a-p]{32}(,[a-p]{32})*$/, 'must be extension ids of 32 letters a-p, separated by commas')
      .transform((value) => value.split(','))
      .optional(),
    {
      type: 'ids',
      doc: 'Extension ids of further builds of the Gmail companion that may sign in, e.g. the one from the store.',
    },
  ),
  DNS_SERVERS: described(
    z
      .string()
      .transform((value) => value.split(',').map((part) => part.trim()))
      .refine(
        (servers) => servers.every(isDnsServer),
        'must be addresses separated by commas, e.g. 1.1.1.1,[2606:4700:4700::1111]:53',
      )
      .optional(),
    {
      type: 'addresses',
      doc: 'DNS servers to ask for your email’s DNS records, e.g. when your network’s own resolver answers differently from public ones. Default: those of the system.',
    },
  ),
  METRICS_TOKEN: described(z.string().min(16, 'must have at least 16 characters').optional(), {
    type: 'text',
    doc: 'Bearer token for `/metrics`. Without it only loopback may read them.',
    secret: true,
  }),
  TRIALPACE_METRICS_WEBHOOK: described(
    url(/^https?:$/, 'https://figures.example.com/hook')
      .refine(
        (value) =>
          value.startsWith('https:') || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(`${value}/`),
        'must begin with https:// unless it is on this machine',
      )
      .optional(),
    {
      type: 'URL',
      doc: 'URL that gets each day’s metrics as JSON, by POST after midnight UTC.',
      secret: true,
    },
  ),
  API_RATE_LIMIT: described(number(1, 1_000_000).default(300), {
    type: 'number',
    unit: 'requests a second',
    doc: 'Most API requests per second from one key, session or address. One address may send a third of that to collect and webhooks (bursts allowed), and all of it to links in emails.',
  }),
  DRAIN_TIMEOUT: described(number(1, 60).default(10), {
    type: 'number',
    unit: 'seconds',
    doc: 'Longest time a shutdown waits for running requests and emails.',
  }),
})

export type Environment = z.output<typeof environmentSchema>

/** The table of the README, in Markdown. */
export function environmentTable(): string {
  const rows = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const { type, unit, doc } = variables.get(schema) as Variable
    const fallback = schema instanceof z.ZodDefault ? `\`${schema.def.defaultValue}\`` : ''
    return `| \`${name}\` | ${type}${unit ? `, ${unit}` : ''} | ${fallback} | ${doc} |`
  })
  return ['| variable | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n')
}
