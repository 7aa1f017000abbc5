import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { type MailName, openMailName, parseMailAddress } from '../../domain/messages/return-path.ts'
import type { MailFacts, StoredMail } from '../../domain/metrics/forgetting.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Workspaces } from '../../domain/workspace.ts'
import { ownerOfMail } from '../../storage/mail-owner.ts'
import type { Storage } from '../../storage/port.ts'
import type { InboundKind } from './classify-mail.ts'
import type { Candidate } from './match-mail.ts'

/** The email of ours that a received one is about. */
export interface Matched {
  readonly token: string
  /** Without its content once that is no longer kept. */
  readonly mail: MailFacts | StoredMail
  readonly trial: Trial
  /** Where to say what its person does. */
  readonly door: TrialId
}

/** What is said of an address is believed only from who has our return path or our own header; anyone has the rest. */
const feedbackKinds: ReadonlySet<InboundKind> = new Set([
  'hard_bounce',
  'soft_bounce',
  'policy_bounce',
  'other_bounce',
  'delayed',
  'complaint',
  'not_spam',
])

const isBelieved = (kind: InboundKind, isReport: boolean, { trust }: Candidate): boolean =>
  feedbackKinds.has(kind) || isReport ? trust === 'signed' : true

export interface MailResolver {
  /** @param isReport it is a machine’s report, whatever it asks for. @param only emails of this workspace alone. */
  match(
    read: {
      readonly kind: InboundKind
      readonly isReport: boolean
      readonly candidates: readonly Candidate[]
    },
    only?: WorkspaceId,
  ): Promise<Matched | null>
  /** Whether an address is one of ours, with an email behind it. @throws StorageUnavailable */
  knows(address: string): Promise<boolean>
}

export function createMailResolver({
  storage,
  workspaces,
  mailDomain,
}: {
  storage: Storage
  workspaces: Workspaces
  mailDomain: string
}): MailResolver {
  async function find(name: MailName, only?: WorkspaceId): Promise<Matched | null> {
    for (const { id, linkSecret } of workspaces.all()) {
      if (only !== undefined && id !== only) continue
      const token = openMailName(linkSecret, name)
      const stored = token === null ? null : await storage.documents.get('mail', token)
      const owner = stored && (await ownerOfMail(storage.trials, stored.body))
      if (token !== null && stored && owner?.trial.workspaceId === id)
        return { token, mail: stored.body, ...owner }
    }
    return null
  }

  return {
    async match({ kind, isReport, candidates }, only) {
      for (const candidate of candidates) {
        if (!isBelieved(kind, isReport, candidate)) continue
        const found = await find(candidate.name, only)
        if (found) return found
      }
      return null
    },
    async knows(address) {
      const name = parseMailAddress(address, mailDomain)
      return name !== null && (await find(name)) !== null
    },
  }
}
