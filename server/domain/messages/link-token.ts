import { createHmac } from 'node:crypto'
import type { MessageKey } from '../../../shared/trial.ts'

/** 128 bits in base64url. */
export const linkTokenPattern = /^[A-Za-z0-9_-]{22}$/

/**
 * The opaque name of one email in its links, its return path and its replies: the first 128 bits of
 * HMAC-SHA256(workspace.linkSecret, messageKey). The same email always has the same token, however often it is tried,
 * and no one without the secret can make or enumerate one.
 */
export const linkToken = (secret: string, key: MessageKey | string): string =>
  createHmac('sha256', secret).update(key).digest().subarray(0, 16).toString('base64url')
