import { type CompiledPlaybook, compilePlaybook } from '../../server/domain/playbook/compile.ts'
import type { Command } from '../../server/domain/trial/command.ts'
import type { Workspace, Workspaces } from '../../server/domain/workspace.ts'
import type { Playbooks } from '../../server/features/playbook/playbooks.ts'
import type { TrialChanges } from '../../server/features/trials/change-trial.ts'
import type { Storage } from '../../server/storage/port.ts'
import { openSqliteStorage } from '../../server/storage/sqlite/index.ts'
import { dayMs, minuteMs } from '../../shared/clock.ts'
import { playbookSchema } from '../../shared/playbook.ts'
import { parseEmailAddress, trialIdOfCompany, trialIdOfUser, type WorkspaceId } from '../../shared/trial.ts'
import type { Expected, PlannedTrial, StorageAddress, TestedKind } from './protocol.ts'

export const workspaceId = 'faults' as WorkspaceId

export const workspace: Workspace = {
  id: workspaceId,
  name: 'Fault suite',
  writeKey: 'pk_faults',
  identitySecret: 'identity',
  linkSecret: 'links',
  identity: 'trusting',
  sending: { releasedAt: 0, mode: 'normal', testAddress: null },
}

export const workspaces: Workspaces = {
  all: () => [workspace],
  get: (id) => (id === workspaceId ? workspace : null),
  byWriteKey: () => null,
  bySecretKey: () => null,
}

const trialMail = { class: 'trial', window: 'any' } as const

/** The four message sets and nothing beside them, at any hour. */
export const playbook: CompiledPlaybook = compilePlaybook(
  playbookSchema.parse({
    product: {
      name: 'Acme',
      url: 'https://acme.example',
      upgradeUrl: 'https://acme.example/upgrade',
      postalAddress: '1 Acme Road',
    },
    senders: {
      product: { name: 'Acme', address: 'hello@acme.example' },
      rep: { name: 'Dana', address: 'dana@acme.example' },
    },
    trial: { lengthDays: 14 },
    milestones: [{ name: 'Board', event: 'Board Created' }],
    pace: { converters: [] },
    extensions: { maxPerTrial: 50, maxTotalDays: 700 },
    messages: [
      {
        ...trialMail,
        id: 'upgrade',
        kind: 'upgrade_now',
        anchor: 'activated',
        when: { status: ['trialing'] },
      },
      {
        ...trialMail,
        id: 'expiring-activated',
        kind: 'expiring_activated',
        anchor: 'trialEnd',
        offset: '-3d',
        when: { segment: ['activated'] },
        repeat: 'perCycle',
        quotesEnd: true,
      },
      {
        ...trialMail,
        id: 'expiring-passive',
        kind: 'expiring_passive',
        anchor: 'trialEnd',
        offset: '-3d',
        when: { segment: ['unaware', 'exploring'] },
        repeat: 'perCycle',
        quotesEnd: true,
      },
      {
        ...trialMail,
        id: 'survey',
        kind: 'ended_survey',
        anchor: 'trialEnd',
        offset: '1d',
        when: { status: ['ended'] },
      },
    ],
    survey: {
      question: 'Why not?',
      answers: [
        { id: 'price', text: 'Price' },
        { id: 'other', text: 'Other' },
      ],
    },
  }),
  1,
)

export const playbooks: Playbooks = {
  current: () => playbook,
  newest: async () => playbook,
}

/** MongoDB’s adapter is loaded only when asked for: it would double the start of hundreds of worker processes. */
export async function openStorage(address: StorageAddress): Promise<Storage> {
  if (address.engine === 'sqlite') return openSqliteStorage({ file: address.file })
  const { openMongoStorage } = await import('../../server/storage/mongo/index.ts')
  return openMongoStorage({ uri: address.uri, dbName: address.dbName })
}

/** Dates, relative to now, at which exactly this email is due a moment ago. */
const lives: Record<TestedKind, { startedAgo: number; endsIn: number; activeAgo: number | null }> = {
  upgrade_now: { startedAgo: 2 * dayMs, endsIn: 12 * dayMs, activeAgo: minuteMs },
  expiring_activated: { startedAgo: 12 * dayMs, endsIn: 3 * dayMs - minuteMs, activeAgo: 11 * dayMs },
  expiring_passive: { startedAgo: 12 * dayMs, endsIn: 3 * dayMs - minuteMs, activeAgo: null },
  ended_survey: { startedAgo: 16 * dayMs, endsIn: -dayMs - minuteMs, activeAgo: null },
}

const teamOf = (userId: string, at: number): Command[] =>
  [userId, `colleague-of-${userId}`].map((each) => ({ type: 'join', userId: each, at }))

/** Stores a trial to whom one email of the planned kind is due now. */
export async function seedTrial(
  { kind, userId, address, inTeam }: PlannedTrial,
  changes: TrialChanges,
  now: number,
): Promise<Expected> {
  const { startedAgo, endsIn, activeAgo } = lives[kind]
  const trialId = inTeam
    ? trialIdOfCompany(workspaceId, `team-of-${userId}`)
    : trialIdOfUser(workspaceId, userId)
  const endsAt = now + endsIn
  const by = { kind: 'api', name: 'faults' } as const
  const create = inTeam
    ? { workspaceId, userId: null, anonymousId: null, companyId: `team-of-${userId}` }
    : { workspaceId, userId, anonymousId: null }
  // Known from its first day, as if it had lived until now: of someone who becomes known later nothing past is sent.
  const fresh = { trial: { startsAt: now, endsAt: now + 14 * dayMs } }
  const email = parseEmailAddress(address)
  if (inTeam) {
    await changes.change(trialId, { type: 'describe', patch: fresh, by }, { create })
    await changes.change(trialId, teamOf(userId, now))
    await changes.change(trialId, { type: 'describe', patch: { email }, by, userId })
  } else await changes.change(trialId, { type: 'describe', patch: { ...fresh, email }, by }, { create })
  const commands: Command[] = [
    { type: 'describe', patch: { trial: { startsAt: now - startedAgo, endsAt } }, by },
  ]
  if (activeAgo !== null || inTeam) {
    const at = now - (activeAgo ?? 11 * dayMs)
    // What is asked of everyone is asked of those who have done anything.
    const name = activeAgo === null ? 'Login' : 'Board Created'
    const event = { messageId: `${userId}-board`, type: 'track', name } as const
    const actor = inTeam ? { actor: userId } : {}
    commands.push({
      type: 'track',
      events: [{ ...event, ...actor, at, receivedAt: at, verified: true, properties: {}, traits: {} }],
    })
  }
  const made = await changes.change(trialId, commands, { create })
  if (!made?.outcome.ok)
    throw new Error(`trial ${userId} could not be made: ${JSON.stringify(made?.outcome)}`)
  return { trialId, userId, kind, endsAt }
}
