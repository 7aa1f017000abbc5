import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { createTransport } from 'nodemailer'
import { pino } from 'pino'
import { createLiquidRenderer } from '../../../server/adapters/liquid-renderer.ts'
import { playbookSchema } from '../../../shared/playbook.ts'
import { secretKey, serveApi, writeKey } from '../serve-api.ts'
import { templatesDir } from '../serve-tracking.ts'
import { createSmtpSink } from '../smtp-sink.ts'
import type { Person } from './cast.ts'
import { createLedger } from './ledger.ts'
import { createReceivers } from './receivers.ts'
import type { Stage } from './stage.ts'
import { createTimeline } from './timeline.ts'
import { createWeb } from './web.ts'

export const holdoutShare = 0.1
export const subjects = [
  'Corkboard works for you now',
  'Keep what you have built',
  'Your next step: a plan',
] as const

/** One mail of each class: a welcome, one at value, one before the end without it, one question after the end. */
const playbook = playbookSchema.parse({
  product: {
    name: 'Corkboard',
    url: 'https://app.corkboard.example/',
    upgradeUrl: 'https://app.corkboard.example/upgrade',
    currency: 'EUR',
    price: { amountMinor: 1900, per: 'month' },
    postalAddress: 'Corkboard Ltd, 12 Mill Lane, Leeds',
  },
  senders: {
    product: { name: 'Corkboard', address: 'hello@corkboard.example' },
    rep: { name: 'Dana', address: 'dana@corkboard.example' },
  },
  trial: { lengthDays: 7 },
  milestones: [{ name: 'First result', event: 'First Result', hint: 'Get your first result.' }],
  pace: { converters: [] },
  messages: [
    {
      id: 'welcome',
      kind: 'welcome',
      class: 'onboarding',
      anchor: 'trialStart',
      window: 'any',
      goal: 'activation',
    },
    {
      id: 'upgrade-now',
      kind: 'upgrade_now',
      class: 'trial',
      anchor: 'activated',
      when: { segment: ['activated'] },
      window: 'any',
      maxLateness: '3d',
      subjects: [...subjects],
      goal: 'upgrade',
    },
    {
      id: 'expiring-passive',
      kind: 'expiring_passive',
      class: 'trial',
      anchor: 'trialEnd',
      offset: '-3d',
      when: { segment: ['unaware', 'exploring'] },
      window: 'any',
      maxLateness: '2d',
      goal: 'reply',
    },
    {
      id: 'ended-survey',
      kind: 'ended_survey',
      class: 'trial',
      anchor: 'trialEnd',
      offset: '1d',
      when: { status: ['ended'] },
      window: 'any',
      maxLateness: '5d',
      goal: 'survey',
    },
  ],
  holdout: { share: holdoutShare },
  survey: {
    question: 'What kept you from going on?',
    answers: [
      { id: 'price', text: 'The price' },
      { id: 'time', text: 'I had no time' },
      { id: 'missing', text: 'Something is missing' },
    ],
  },
})

async function dkimEnvironment(folder: string): Promise<Record<string, string>> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const file = join(folder, 'dkim.pem')
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return { DKIM_DOMAIN: 'corkboard.example', DKIM_SELECTOR: 'tp1', DKIM_PRIVATE_KEY_FILE: file }
}

/** The whole server on SQLite, real SMTP both ways, and a clock that the actors move. */
export async function servePopulation(
  cast: readonly Person[],
  { seed, startAt }: { seed: number; startAt: number },
) {
  const folder = await mkdtemp(join(tmpdir(), 'trialpace-population-'))
  const ledger = createLedger(cast)
  const failures: unknown[] = []
  let stage: Stage | null = null
  const onStage = (): Stage => {
    if (!stage) throw new Error('the stage is not built yet')
    return stage
  }
  const receivers = createReceivers(cast, onStage)
  const sink = await createSmtpSink({
    fault: receivers.fault,
    onMessage: (entry) => receivers.take(entry).catch((error: unknown) => void failures.push(error)),
  })
  const api = await serveApi(startAt, {
    // What is on disk is proved elsewhere; here a disk would only be waited for.
    database: ':memory:',
    env: {
      SMTP_URL: sink.url,
      MAIL_FROM: 'Corkboard <hello@corkboard.example>',
      INBOUND_SMTP_PORT: '0',
      TRUST_PROXY: 'loopback',
      // Nothing runs by the machine’s clock: mails go, and the brake is looked at, when the actors’ clock says so.
      ROLE: 'web',
      MONGODB_URI: 'mongodb://127.0.0.1:1/not-used',
      API_RATE_LIMIT: '1000000',
      ...(await dkimEnvironment(folder)),
    },
    overrides: {
      renderer: createLiquidRenderer({ templatesDir, log: pino({ level: 'silent' }) }),
      playbook,
    },
  })
  const mailer = createTransport({
    host: '127.0.0.1',
    port: api.server.inboundPort as number,
    ignoreTLS: true,
    pool: true,
    maxConnections: 4,
  })
  const web = createWeb()
  stage = {
    seed,
    now: () => api.clock.now(),
    timeline: createTimeline(),
    ledger,
    web,
    url: api.server.url,
    writeKey,
    sign(userId) {
      const { identitySecret = '' } = api.server.services.workspaces.all()[0] ?? {}
      const iat = Math.floor(api.clock.now() / 1000)
      return new SignJWT({ sub: userId, iat, exp: iat + 1800 })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(identitySecret))
    },
    currency: playbook.product.currency,
    async api(method, path, body) {
      const answer = await api.call<unknown>(method, path, body === undefined ? {} : { body })
      if (answer.status >= 300)
        throw new Error(`${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`)
      return answer.body
    },
    async dispatch({ from, to, raw }) {
      const { response } = await mailer.sendMail({ envelope: { from, to }, raw })
      return response
    },
  }
  return {
    stage,
    api,
    ledger,
    receivers,
    failures,
    secretKey,
    async close() {
      web.close()
      mailer.close()
      await api.close()
      await sink.close()
      await rm(folder, { recursive: true })
    },
  }
}

export type ServedPopulation = Awaited<ReturnType<typeof servePopulation>>
