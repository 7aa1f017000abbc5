import { isForgotten, type MailFacts, type StoredMail } from '../../domain/metrics/forgetting.ts'
import type { OutboxMessage, Trial } from '../../domain/trial/model.ts'
import type { Storage } from '../../storage/port.ts'

export type MailRecord = StoredMail

export const tokenPattern = /^[A-Za-z0-9_-]{22}$/

/**
 * Whose email it was, however old: who once could unsubscribe by it always can.
 * @returns null for a token that names no email. @throws StorageUnavailable
 */
export async function findMailFacts(storage: Storage, token: string): Promise<MailFacts | null> {
  if (!tokenPattern.test(token)) return null
  return (await storage.documents.get('mail', token))?.body ?? null
}

/** @returns null also for an email whose content is no longer kept. @throws StorageUnavailable */
export async function findMail(storage: Storage, token: string): Promise<MailRecord | null> {
  const mail = await findMailFacts(storage, token)
  return mail && !isForgotten(mail) ? (mail as MailRecord) : null
}

export const messageOf = (trial: Trial, token: string): OutboxMessage | null =>
  trial.outbox.find((message) => message.token === token) ?? null
