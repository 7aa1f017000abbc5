import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Workspace } from '../../domain/workspace.ts'
import { type MailAddresses, writeMail } from '../../features/messages/write-mail.ts'
import type { Money } from '../../features/metrics/money.ts'
import type { Renderer } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import { seedPeople } from './people.ts'
import { seededRandom } from './random.ts'
import { type SimulatedTrial, simulatePerson, type WritePastMail } from './simulate.ts'

const seed = 20_240_124

/**
 * Fills a workspace with trialists whose past was lived through the real rules: their emails are written and are in
 * the history as sent, but nothing is handed to a mail server.
 * @returns the trials as saved.
 */
export async function seedWorkspace({
  storage,
  workspace,
  playbook,
  renderer,
  addresses,
  money,
  now,
}: {
  storage: Storage
  workspace: Workspace
  playbook: CompiledPlaybook
  renderer: Renderer
  addresses: MailAddresses
  money: Pick<Money, 'addRevenue' | 'addCost'>
  now: number
}): Promise<readonly Trial[]> {
  const write: WritePastMail = async (trial, message, at) => {
    const rule = playbook.playbook.messages.find(({ id }) => id === message.ruleId)
    const address = trial.person.email
    if (!rule || !address) return null
    const assignment = { trial, message, rule, playbook, workspace, address }
    const answer = await writeMail(assignment, { renderer, documents: storage.documents, addresses, now: at })
    if (!answer.ok) return null
    const { token, variant, bodyHash, mail } = answer.written
    return { token, variant, bodyHash, messageId: mail.messageId, subject: mail.subject }
  }
  const lives = await Promise.all(
    // Each has numbers of their own, so that the order in which emails are written changes nothing.
    seedPeople.map((person, index) =>
      simulatePerson(person, {
        workspaceId: workspace.id,
        playbook,
        write,
        random: seededRandom(seed + index),
        luck: seededRandom(2 * seed + index),
        now,
      }),
    ),
  )
  // Before the trials, so that anyone who measures a trial finds what came back from its mails.
  for (const { id, body } of lives.flatMap(({ signals }) => signals))
    await storage.documents.put('signal', id, body, 0)
  await pay(money, workspace.id, lives, playbook)
  return save(storage, lives)
}

/** Seats a customer of the sample product begins with. */
const seats = 4
const hoursCostMinor = 4800

/** What customers have paid so far, and what writing the emails has cost. */
async function pay(
  money: Pick<Money, 'addRevenue' | 'addCost'>,
  workspaceId: WorkspaceId,
  lives: readonly SimulatedTrial[],
  { playbook: { product } }: CompiledPlaybook,
): Promise<void> {
  const amount = (minor: number) => ({ amountMinor: minor, baseMinor: minor, currency: product.currency })
  const bought = lives.flatMap(({ trial }) => (trial.clock.convertedAt === null ? [] : [trial]))
  for (const { id, userId, clock } of bought) {
    const paid = { ...amount((product.price?.amountMinor ?? 0) * seats), at: clock.convertedAt as number }
    await money.addRevenue(workspaceId, { ...paid, externalId: `seed-${id}`, type: 'new', userId }, id)
  }
  const first = bought[0]?.clock.convertedAt
  if (first == null) return
  const cost = {
    ...amount(hoursCostMinor),
    at: first,
    category: 'staff',
    note: 'Writing the emails',
  } as const
  await money.addCost(workspaceId, { ...cost, externalId: 'seed-hours' })
}

/** One group commit for all: the log holds the events, and each fold is the life already lived. */
async function save(storage: Storage, lives: readonly SimulatedTrial[]): Promise<readonly Trial[]> {
  const byId = new Map<TrialId, Trial>(lives.map(({ trial }) => [trial.id, trial]))
  const events = lives.flatMap((life) => life.events)
  const { trials } = await storage.ingest(events, (id, current) => current ?? (byId.get(id) as Trial))
  const rest = lives.filter(({ trial }) => !trials.has(trial.id))
  const saved = await Promise.all(rest.map(({ trial }) => storage.trials.save(trial)))
  return [...trials.values(), ...saved.filter((trial) => trial !== null)]
}
