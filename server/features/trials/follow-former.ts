import type { TrialId } from '../../../shared/trial.ts'
import { adoptedKey } from '../../domain/messages/adopted-outbox.ts'
import type { Command } from '../../domain/trial/command.ts'
import type { Trial } from '../../domain/trial/model.ts'

/** These are about the document itself: how it ends, and an email that was on its way when it did. */
const ofDocument: ReadonlySet<Command['type']> = new Set([
  'merge',
  'retire',
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

/** @returns where a change belongs that was asked of a former user id; null: here. */
export const personBehind = (trial: Trial, commands: readonly Command[]): TrialId | null =>
  trial.userId !== null && !commands.every(({ type }) => ofDocument.has(type)) ? trial.mergedInto : null

/** The same commands, with emails named as the id that stays knows them. */
export const asAdopted = (commands: readonly Command[], from: TrialId, into: Trial): Command[] =>
  commands.map((command) =>
    'key' in command && command.key !== null
      ? { ...command, key: adoptedKey(into, from, command.key) }
      : command,
  )
