import { companyIdOf, type TrialId } from '../../../shared/trial.ts'
import { adoptedKey } from '../../domain/messages/adopted-outbox.ts'
import type { Command } from '../../domain/trial/command.ts'
import { adoptedLimit, type Trial } from '../../domain/trial/model.ts'
import { asRecipient } from '../../domain/trial/recipient.ts'
import type { TrialStore } from '../../storage/port.ts'

/** These are about the document itself: how it ends, and an email that was on its way when it did. */
const ofDocument: ReadonlySet<Command['type']> = new Set([
  'merge',
  'retire',
  'enlist',
  'enlisted',
  'delist',
  'noteVisitor',
  'advance',
  'claim',
  'prepared',
  'gate',
  'sent',
  'deferred',
  'failed',
  'unknown',
  'block',
  'retryBlocked',
  'standAside',
  'unhold',
])

/** @returns where a change belongs that was asked of a former user id, or of a member of a company; null: here. */
export const personBehind = (trial: Trial, commands: readonly Command[]): TrialId | null =>
  trial.userId !== null && !commands.every((command) => isOfDocument(trial, command))
    ? trial.mergedInto
    : null

/** Emails that wait for a member wait in the trial of the company. */
const isOfDocument = (trial: Trial, { type }: Command): boolean =>
  ofDocument.has(type) && !(type === 'retryBlocked' && leadsToCompany(trial))

/** The same commands, with emails named as the id that stays knows them. */
export const asAdopted = (commands: readonly Command[], from: TrialId, into: Trial): Command[] =>
  commands.map((command) =>
    'key' in command && command.key ? { ...command, key: adoptedKey(into, from, command.key) } : command,
  )

/** Whether the trial that this one leads to is that of a company. */
export const leadsToCompany = ({ mergedInto, workspaceId }: Trial): boolean =>
  mergedInto !== null && companyIdOf(mergedInto, workspaceId) !== null

/** The same commands, said of a member to their company. */
export function ofMember(commands: readonly Command[], { id, userId }: Trial, into: TrialId): Command[] {
  if (userId === null) return [...commands]
  return commands.map((command): Command => {
    if (command.type === 'track')
      return { ...command, events: command.events.map((event) => ({ ...event, actor: userId })) }
    const said = { ...command, userId } as Command
    return 'key' in said && said.key?.startsWith(`${id}/`)
      ? ({ ...said, key: `${into}${said.key.slice(id.length)}/${userId}` } as Command)
      : said
  })
}

/** The company’s trial as the door of one user shows it: with their name, address and messages. */
export const ofUser = (trial: Trial, userId: string | null): Trial =>
  trial.company && userId !== null ? { ...asRecipient(trial, userId), userId } : trial

/** The document of the user id that a person goes by now, which may lead on to their company. */
export async function ownDocument(trials: Pick<TrialStore, 'get'>, id: TrialId): Promise<Trial | null> {
  let trial = await trials.get(id)
  for (let step = 0; trial?.mergedInto && !leadsToCompany(trial) && step < adoptedLimit; step++) {
    const next: Trial | null = await trials.get(trial.mergedInto)
    if (!next) return trial
    trial = next
  }
  return trial
}
