import { createHash } from 'node:crypto'
import { sameSecret } from '../../http/same-secret.ts'
import type { Ids } from '../../ports.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'

/** The way in before there is an account: anyone who can read the console owns the server. */
export interface SetupTokens {
  /** A new one, to be printed once; null when there is an account already. */
  issue(): Promise<string | null>
  isNeeded(): Promise<boolean>
  isValid(token: string): Promise<boolean>
  /** Uses it up, and all others with it. @returns false when someone else was faster. */
  redeem(token: string): Promise<boolean>
}

const kind = 'setup-token'
const id = 'this'
/** Servers that share one database each print their own. */
const tokensKept = 10

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

export function createSetupTokens({ documents, ids }: { documents: DocumentStore; ids: Ids }): SetupTokens {
  const isNeeded = async () => (await documents.list('account', { limit: 1 })).length === 0
  const holds = (hashes: readonly string[], token: string) =>
    hashes.some((hash) => sameSecret(hash, hashOf(token)))
  return {
    isNeeded,
    async issue() {
      if (!(await isNeeded())) return null
      const token = ids.secret()
      await updateDocument(documents, kind, id, (before) => ({
        hashes: [...(before?.hashes ?? []), hashOf(token)].slice(-tokensKept),
      }))
      return token
    },
    async isValid(token) {
      const found = await documents.get(kind, id)
      return found !== null && holds(found.body.hashes, token)
    },
    async redeem(token) {
      const { state } = await updateDocument(documents, kind, id, (before) =>
        before && holds(before.hashes, token) ? { hashes: [] } : null,
      )
      return state === 'changed'
    },
  }
}
