import { createHash } from 'node:crypto'
import type { Account, StoredAccount } from '../../storage/documents/team.ts'

export type { Account }

/** What is stored in the place of a secret that was given out. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')

export const withoutSecrets = ({
  passwordHash: _,
  givenHash: __,
  sessionsFrom: ___,
  ...account
}: StoredAccount): Account => account
