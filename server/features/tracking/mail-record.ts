import { isForgotten, type StoredMail } from '../../domain/forgetting.ts'
import type { OutboxMessage, Trial } from '../../domain/model.ts'
import type { Storage } from '../../storage/port.ts'

export type MailRecord = StoredMail

export const tokenPattern = /^[A-Za-z0-9_-]{22}$/

/** @returns null for a token that names no mail, or one whose content is no longer kept. @throws StorageUnavailable */
export async function findMail(storage: Storage, token: string): Promise<MailRecord | null> {
  if (!tokenPattern.test(token)) return null
  const mail = (await storage.documents.get<MailRecord>('mail', token))?.body ?? null
  return mail && isForgotten(mail) ? null : mail
}

export const messageOf = (trial: Trial, token: string): OutboxMessage | null =>
  trial.outbox.find((message) => message.token === token) ?? null
