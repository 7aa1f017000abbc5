import type { Card } from '../../../shared/ext.ts'
import { parseEmailAddress, type TrialId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/model.ts'
import type { Ids } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { Workspace } from '../workspaces/workspaces.ts'
import { cardOf, type Note } from './card-view.ts'

/** A label speaks of the reply it was given for, not of a later one. */
const labelOf = (trial: Trial, label: { at: number; label: Card['replyLabel'] } | undefined) =>
  label && label.at >= (trial.contact.repliedAt ?? 0) ? label.label : null

/** What the companion adds to trials: look-up by address, notes, an owner. */
export interface Companion {
  /** Keyed as asked, lower case; null: no trialist of this workspace. */
  lookUp(workspace: Workspace, emails: readonly string[]): Promise<Record<string, Card | null>>
  card(trial: Trial): Promise<Card>
  addNote(trial: Trial, by: string, text: string): Promise<void>
  setOwner(trial: Trial, owner: string | null): Promise<void>
  labelReply(trial: Trial, by: string, label: string): Promise<void>
}

const notesShown = 20

export function createCompanion({
  storage,
  playbooks,
  ids,
  now,
}: {
  storage: Storage
  playbooks: Playbooks
  ids: Ids
  now: () => number
}): Companion {
  const { documents } = storage

  async function card(trial: Trial): Promise<Card> {
    const [notes, owner, labels] = await Promise.all([
      documents.list<Omit<Note, 'id'>>('note', { prefix: `${trial.id}/`, reverse: true, limit: notesShown }),
      documents.get<{ owner: string | null }>('owner', trial.id),
      documents.list<{ at: number; label: Card['replyLabel'] }>('reply-label', {
        prefix: `${trial.id}/`,
        reverse: true,
        limit: 1,
      }),
    ])
    return cardOf(
      trial,
      playbooks.current(trial.workspaceId),
      {
        notes: notes.map(({ id, body }) => ({ ...body, id: id.slice(trial.id.length + 1) })),
        owner: owner?.body.owner ?? null,
        replyLabel: labelOf(trial, labels[0]?.body),
      },
      now(),
    )
  }

  /** Several users may share an address; the one whose trial began last is meant. */
  async function newestByEmail(workspace: Workspace, email: string): Promise<Trial | null> {
    const { trials } = await storage.trials.list({
      workspaceId: workspace.id,
      email,
      sort: '-createdAt',
      limit: 10,
    })
    return trials.find((trial) => trial.userId !== null) ?? null
  }

  const write = (kind: string, trialId: TrialId, body: object) =>
    documents.put(kind, `${trialId}/${ids.uuid(now())}`, body)

  return {
    card,
    async lookUp(workspace, emails) {
      const cards: Record<string, Card | null> = {}
      for (const asked of new Set(emails.map((email) => email.toLowerCase()))) {
        const email = parseEmailAddress(asked)
        const trial = email && (await newestByEmail(workspace, email))
        cards[asked] = trial ? await card(trial) : null
      }
      return cards
    },
    addNote: async (trial, by, text) => void (await write('note', trial.id, { at: now(), by, text })),
    setOwner: async (trial, owner) => void (await documents.put('owner', trial.id, { owner })),
    labelReply: async (trial, by, label) =>
      void (await write('reply-label', trial.id, { at: now(), by, label })),
  }
}
