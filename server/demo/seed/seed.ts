import type { TrialId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/model.ts'
import type { CompiledPlaybook } from '../../domain/playbook.ts'
import { type MailAddresses, writeMail } from '../../features/messages/write-mail.ts'
import type { Workspace } from '../../features/workspaces/workspaces.ts'
import type { Renderer } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import { seedPeople } from './people.ts'
import { seededRandom } from './random.ts'
import { type SimulatedTrial, simulatePerson, type WritePastMail } from './simulate.ts'

const seed = 20_240_124

/**
 * Fills a workspace with trialists whose past was lived through the real rules: their mails are written and stand in
 * the history as sent, but nothing is handed to a mail server.
 * @returns the trials as saved.
 */
export async function seedWorkspace({
  storage,
  workspace,
  playbook,
  renderer,
  addresses,
  now,
}: {
  storage: Storage
  workspace: Workspace
  playbook: CompiledPlaybook
  renderer: Renderer
  addresses: MailAddresses
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
    // Each has numbers of their own, so that the order in which mails are written changes nothing.
    seedPeople.map((person, index) =>
      simulatePerson(person, {
        workspaceId: workspace.id,
        playbook,
        write,
        random: seededRandom(seed + index),
        now,
      }),
    ),
  )
  return save(storage, lives)
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
