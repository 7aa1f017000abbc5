import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express from 'express'
import { pino } from 'pino'
import { createIds } from '../../server/adapters/ids.ts'
import { mailView } from '../../server/domain/messages/email-view.ts'
import { linkToken } from '../../server/domain/messages/link-token.ts'
import type { Tracking } from '../../server/domain/metrics/measure-message.ts'
import { compilePlaybook } from '../../server/domain/playbook/compile.ts'
import { newTrial } from '../../server/domain/reducer/reduce.ts'
import type { OutboxMessage, Trial } from '../../server/domain/trial/model.ts'
import type { Workspace, Workspaces } from '../../server/domain/workspace.ts'
import { createSignals } from '../../server/features/email-tracking/signals.ts'
import { createTrackingRoutes } from '../../server/features/email-tracking/tracking-routes.ts'
import { createViewingPictures } from '../../server/features/email-tracking/viewing-picture.ts'
import type { StoredMail } from '../../server/features/messages/write-mail.ts'
import { createMailStop } from '../../server/features/suppressions/mail-stop.ts'
import { createTrialChanges } from '../../server/features/trials/change-trial.ts'
import { loadCatalog } from '../../server/locales/catalog.ts'
import { mailLinks } from '../../shared/mail-view.ts'
import { type PlaybookInput, playbookSchema } from '../../shared/playbook.ts'
import {
  type EmailAddress,
  type MessageKey,
  type MessageKind,
  trialIdOfUser,
  type WorkspaceId,
} from '../../shared/trial.ts'
import { createFakeClock } from './fake-clock.ts'
import { testSuppressions } from './suppressions.ts'
import { openTestStorage } from './test-storage.ts'

export const templatesDir = join(import.meta.dirname, '../../templates')

const workspaceOf = (id: string): Workspace => ({
  id: id as WorkspaceId,
  name: id,
  writeKey: `pk_${id}`,
  identitySecret: 'identity',
  linkSecret: `link-${id}`,
  identity: 'trusting',
  sending: { releasedAt: 0, mode: 'normal', testAddress: null },
})

const playbookInput: PlaybookInput = {
  product: {
    name: 'Corkboard',
    url: 'https://app.corkboard.example/',
    upgradeUrl: 'https://app.corkboard.example/upgrade',
    postalAddress: 'Corkboard Ltd, 12 Mill Lane, Leeds',
  },
  senders: {
    product: { name: 'Corkboard', address: 'hello@corkboard.example' },
    rep: { name: 'Dana', address: 'dana@corkboard.example' },
  },
  trial: { lengthDays: 14 },
  milestones: [{ name: 'Board Created', event: 'Board Created' }],
  pace: { converters: [] },
  messages: [],
  survey: {
    question: 'What kept you from going on?',
    answers: [
      { id: 'price', text: 'The price' },
      { id: 'time', text: 'I had no time' },
    ],
  },
}

/** Real storage, real changes and real endpoints over HTTP; only the clock is ours. */
export async function serveTracking(startAt: number, viewing = createViewingPictures()) {
  const clock = createFakeClock(startAt)
  const ids = createIds()
  const log = pino({ level: 'silent' })
  const storage = await openTestStorage({ file: ':memory:', now: () => clock.now() })
  const all = [workspaceOf('acme'), workspaceOf('other')]
  const workspaces: Workspaces = {
    all: () => all,
    get: (id) => all.find((workspace) => workspace.id === id) ?? null,
    byWriteKey: () => null,
    bySecretKey: () => null,
  }
  const playbook = compilePlaybook(playbookSchema.parse(playbookInput), 1)
  const playbooks = { current: () => playbook, newest: async () => playbook }
  const changes = createTrialChanges({ storage, playbooks, clock })
  const suppressions = testSuppressions(storage.documents, () => clock.now())
  const mailStop = createMailStop({ storage, suppressions, changes, clock })
  const signals = createSignals({ storage, changes, clock, ids })
  const catalog = loadCatalog(templatesDir)
  const app = express()
  const publicUrl = 'https://mail.example.com'
  const dependencies = { storage, changes, playbooks, mailStop, signals, catalog, publicUrl, clock, ids, log }
  app.use(createTrackingRoutes({ ...dependencies, viewing }))
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  /** A trialist with an email that was accepted now. @returns the email’s token. */
  async function sendMail(
    userId: string,
    options: {
      workspaceId?: string
      email?: string
      kind?: MessageKind
      links?: string[]
      locale?: string
      change?: (trial: Trial) => Trial
      tracking?: Tracking
    } = {},
  ): Promise<string> {
    const workspaceId = (options.workspaceId ?? 'acme') as WorkspaceId
    const id = trialIdOfUser(workspaceId, userId)
    const key = `${id}/rule/0` as MessageKey
    const token = linkToken(`link-${workspaceId}`, key)
    const fresh = newTrial({ id, workspaceId, userId, anonymousId: null }, playbook, clock.now())
    const trial: Trial = {
      ...fresh,
      person: {
        ...fresh.person,
        email: (options.email ?? `${userId}@customer.example`) as EmailAddress,
        locale: options.locale ?? 'en',
        timeZone: 'Europe/London',
      },
      outbox: [sentMessage(key, token, options.kind ?? 'expiring_passive', clock.now())],
    }
    await storage.trials.save(options.change?.(trial) ?? trial)
    const mail: StoredMail = {
      trialId: id,
      key,
      kind: options.kind ?? 'expiring_passive',
      subject: 'Need a little more time?',
      html: `<p>Hello</p><img src="${url}/o/${token}.gif" width="1" height="1" alt="">`,
      text: 'Hello',
      links: options.links ?? ['https://app.corkboard.example/upgrade?plan=team&utm_medium=mine#pay'],
      at: clock.now(),
      to: trial.person.email as EmailAddress,
      ...(options.tracking && { tracking: options.tracking }),
    }
    await storage.documents.put('mail', token, mail)
    return token
  }

  const trialOf = async (userId: string, workspaceId = 'acme') =>
    (await storage.trials.get(trialIdOfUser(workspaceId as WorkspaceId, userId))) as Trial

  return {
    url,
    clock,
    storage,
    changes,
    playbooks,
    playbook,
    workspaces,
    suppressions,
    mailStop,
    signals,
    log,
    sendMail,
    trialOf,
    viewOf: (trial: Trial, message: OutboxMessage) =>
      mailView(trial, message, playbook, {
        now: clock.now(),
        links: mailLinks(url, message.token as string, { tracking: true }),
      }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await storage.close()
    },
  }
}

export type TrackingServer = Awaited<ReturnType<typeof serveTracking>>

const sentMessage = (key: MessageKey, token: string, kind: MessageKind, at: number): OutboxMessage => ({
  key,
  ruleId: 'rule',
  kind,
  cycle: 0,
  state: 'sent',
  dueAt: at,
  notAfter: at,
  attempts: 1,
  nextAttemptAt: at,
  fence: null,
  facts: null,
  token,
  messageId: `${token}@acme.example`,
  subject: 'Need a little more time?',
  variant: 0,
  bodyHash: null,
  endsAtQuoted: null,
  dotAt: at,
  sentAt: at,
  answer: '250 ok',
  openedAt: null,
  clickedAt: null,
  repliedAt: null,
  bouncedAt: null,
})
