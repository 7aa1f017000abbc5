import type { Card, ColleaguesAnswer, Offer } from '../../../shared/api/card.ts'
import type { BillingState } from '../../../shared/billing.ts'
import { isSameMailbox } from '../../../shared/mailbox.ts'
import { parseEmailAddress, type TrialId } from '../../../shared/trial.ts'
import type { ReplyLabel } from '../../domain/metrics/measure-message.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { peopleIn } from '../../domain/trial/recipient.ts'
import type { Workspace } from '../../domain/workspace.ts'
import type { Ids } from '../../ports.ts'
import { attachedTo } from '../../storage/attached-to.ts'
import type { DocumentBodies } from '../../storage/document-registry.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import { cardOf } from './card-view.ts'
import { colleaguesOf } from './colleagues.ts'

/** A label speaks of the reply it was given for, not of a later one. */
const labelOf = (trial: Trial, label: { at: number; label: Card['replyLabel'] } | undefined) =>
  label && label.at >= (trial.contact.repliedAt ?? 0) ? label.label : null

interface Found {
  readonly cards: Record<string, Card | null>
  readonly offers: Record<string, Offer[]>
}

/** What the companion adds to trials: look-up by address, notes, an owner. */
export interface Companion {
  /** Keyed as asked, lower case; null: no trialist of this workspace. */
  lookUp(workspace: Workspace, emails: readonly string[]): Promise<Found>
  card(trial: Trial): Promise<Card>
  colleagues(trial: Trial): Promise<ColleaguesAnswer>
  /** @returns the id of the note. */
  addNote(trial: Trial, by: string, text: string): Promise<string>
  /** @returns who it was before. */
  setOwner(trial: Trial, owner: string | null): Promise<string | null>
  /** @returns the label before. */
  labelReply(trial: Trial, by: string, label: ReplyLabel['label']): Promise<Card['replyLabel']>
}

const notesShown = 20
/** Lists of strangers are long; only the first of them are compared with other spellings. */
const mostOffers = 20
const offersEach = 3

/** Of a company that one of its people was found in, the one who was meant. */
const isTheirs =
  (email: string) =>
  ({ userId, person, recipient }: Trial): boolean =>
    userId !== null && (recipient === undefined || person.email === email)

export function createCompanion({
  storage,
  playbooks,
  ids,
  now,
  mark,
  billingOf,
}: {
  storage: Storage
  playbooks: Playbooks
  ids: Ids
  now: () => number
  /** Told of each trial whose figures a rep’s word has changed. */
  mark: (trialId: TrialId) => void
  billingOf: (trialId: TrialId) => Promise<BillingState | null>
}): Companion {
  const { documents } = storage

  const ownerOf = async (trial: Trial): Promise<string | null> =>
    (await documents.get('owner', trial.id))?.body.owner ?? null

  async function replyLabelOf(trial: Trial): Promise<Card['replyLabel']> {
    const [label] = await documents.list('reply-label', {
      prefix: attachedTo(trial.id),
      reverse: true,
      limit: 1,
    })
    return labelOf(trial, label?.body)
  }

  async function card(trial: Trial): Promise<Card> {
    const [notes, owner, replyLabel, billing] = await Promise.all([
      documents.list('note', {
        prefix: attachedTo(trial.id),
        reverse: true,
        limit: notesShown,
      }),
      ownerOf(trial),
      replyLabelOf(trial),
      billingOf(trial.id),
    ])
    const whole = trial.recipient ? await storage.trials.get(trial.id) : null
    return cardOf(
      trial,
      whole ?? trial,
      playbooks.current(trial.workspaceId),
      {
        notes: notes.map(({ id, body }) => ({ ...body, id: id.slice(attachedTo(trial.id).length) })),
        owner,
        replyLabel,
        billing,
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
    return trials.flatMap(peopleIn).find(isTheirs(email)) ?? null
  }

  /** Gmail’s spellings of one mailbox are one person for certain; a `+tag` elsewhere is an offer. */
  async function otherSpellings(workspace: Workspace, email: string): Promise<[Trial | null, Offer[]]> {
    const { trials } = await storage.trials.list({
      workspaceId: workspace.id,
      mailbox: email,
      sort: '-createdAt',
      limit: 10,
    })
    const known = trials
      .flatMap(peopleIn)
      .filter((trial) => trial.userId !== null && trial.person.email !== null)
    const same = known.find((trial) => isSameMailbox(trial.person.email ?? '', email))
    const offers = known
      .slice(0, offersEach)
      .map(({ person }) => ({ email: person.email ?? '', name: person.name }))
    return same ? [same, []] : [null, offers]
  }

  async function write<Kind extends 'note' | 'reply-label'>(
    kind: Kind,
    trialId: TrialId,
    body: DocumentBodies[Kind],
  ): Promise<string> {
    const id = ids.uuid(now())
    await documents.put(kind, `${attachedTo(trialId)}${id}`, body)
    return id
  }

  return {
    card,
    colleagues: (trial) => colleaguesOf(storage.trials, trial, playbooks.current(trial.workspaceId), now()),
    async lookUp(workspace, emails) {
      const cards: Record<string, Card | null> = {}
      const offers: Record<string, Offer[]> = {}
      let strangers = 0
      for (const asked of new Set(emails.map((email) => email.toLowerCase()))) {
        const email = parseEmailAddress(asked)
        let trial = email && (await newestByEmail(workspace, email))
        if (email && !trial && strangers++ < mostOffers) {
          const [same, others] = await otherSpellings(workspace, email)
          trial = same
          if (others.length > 0) offers[asked] = others
        }
        cards[asked] = trial ? await card(trial) : null
      }
      return { cards, offers }
    },
    addNote: (trial, by, text) => write('note', trial.id, { at: now(), by, text }),
    async setOwner(trial, owner) {
      const before = await ownerOf(trial)
      await documents.put('owner', trial.id, { owner })
      return before
    },
    async labelReply(trial, by, label) {
      const before = await replyLabelOf(trial)
      await write('reply-label', trial.id, { at: now(), by, label })
      mark(trial.id)
      return before
    },
  }
}
