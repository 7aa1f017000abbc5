import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import type { SuppressionReason } from '../../../shared/trial.ts'

export type SuppressionPage = AnswerOf<'GET /api/suppressions'>
export type Suppression = SuppressionPage['suppressions'][number]

export const suppressionWords: Record<SuppressionReason, { label: string; meaning: string }> = {
  unsubscribed: { label: 'Unsubscribed', meaning: 'They unsubscribed or objected.' },
  complaint: { label: 'Complaint', meaning: 'They marked an email as spam.' },
  hard_bounce: {
    label: 'Hard bounce',
    meaning: 'The receiving server says that this address does not exist.',
  },
  soft_bounces: {
    label: 'Soft bounces',
    meaning: 'Several emails in a row came back, e.g. because the mailbox is full.',
  },
  manual: { label: 'Added by hand', meaning: 'Someone on your team added it.' },
}

/** By what a person recognises the entry. */
export const suppressionName = ({ address, trialists, id }: Suppression): string =>
  address ?? trialists[0]?.name ?? trialists[0]?.userId ?? `unknown address ${id.slice(0, 8)}`
