import type { MessageKey, MessageKind, TrialId } from '../../../shared/trial.ts'
import { isForgotten } from '../../domain/forgetting.ts'
import type { Tracking } from '../../domain/measure-mail.ts'
import type { OutboxMessage, Trial } from '../../domain/model.ts'
import type { Storage } from '../../storage/port.ts'

/** A rendered mail as the sender stored it: document of kind `mail`, id = token. */
export interface MailRecord {
  readonly trialId: TrialId
  readonly key: MessageKey
  readonly kind: MessageKind
  readonly subject: string
  readonly html: string
  readonly text: string
  /** Targets of the tracked links, by index. */
  readonly links: readonly string[]
  readonly at: number
  /** How far it is followed; individually, but for its viewing time, where it is not said. */
  readonly tracking?: Tracking
}

export const tokenPattern = /^[A-Za-z0-9_-]{22}$/

/** @returns null for a token that names no mail, or one whose content is no longer kept. @throws StorageUnavailable */
export async function findMail(storage: Storage, token: string): Promise<MailRecord | null> {
  if (!tokenPattern.test(token)) return null
  const mail = (await storage.documents.get<MailRecord>('mail', token))?.body ?? null
  return mail && isForgotten(mail) ? null : mail
}

export const messageOf = (trial: Trial, token: string): OutboxMessage | null =>
  trial.outbox.find((message) => message.token === token) ?? null
