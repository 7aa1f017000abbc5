import * as z from 'zod'
import type { ReplyLabel } from '../../domain/metrics/measure-message.ts'
import { attachedToTrial, byTrialId, define } from './definition.ts'
import { instant } from './parts.ts'

export interface StoredNote {
  readonly at: number
  readonly by: string
  readonly text: string
}

export type StoredReplyLabel = ReplyLabel & { readonly by: string }

/** What colleagues say about a trialist; ids are attached to the trial where nothing else is said. */
export const trialistDocuments = {
  note: define<StoredNote>({
    body: z.strictObject({ at: instant, by: z.string(), text: z.string() }),
    owner: { of: 'trialist', places: attachedToTrial, exportAs: 'notes' },
    keep: 'forever',
  }),
  'reply-label': define<StoredReplyLabel>({
    body: z.strictObject({
      at: instant,
      by: z.string(),
      label: z.enum(['positive', 'negative', 'automatic']),
    }),
    owner: { of: 'trialist', places: attachedToTrial, exportAs: 'replyLabels' },
    keep: 'forever',
  }),
  /** Who of the team looks after them; id: the trial’s. */
  owner: define<{ readonly owner: string | null }>({
    body: z.strictObject({ owner: z.string().nullable() }),
    owner: { of: 'trialist', places: byTrialId, exportAs: 'owner' },
    keep: 'forever',
  }),
  /** An erasure has begun; id: the trial’s. The last document to go. */
  erasure: define<Readonly<Record<string, never>>>({
    body: z.strictObject({}),
    owner: { of: 'trialist', places: byTrialId, last: 'mark', exportAs: 'erasure' },
    keep: 'forever',
  }),
}
