import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import type { SuppressionReason } from '../../../shared/trial.ts'

export type SuppressionPage = AnswerOf<'GET /api/suppressions'>
export type Suppression = SuppressionPage['suppressions'][number]

export const suppressionWords: Record<SuppressionReason, { label: string; meaning: string }> = {
  unsubscribed: { label: 'Unsubscribed', meaning: 'They asked for no more mail.' },
  complaint: { label: 'Complaint', meaning: 'They marked a mail as spam.' },
  hard_bounce: { label: 'Does not exist', meaning: 'The receiver says that there is no such address.' },
  soft_bounces: {
    label: 'Mailbox refuses',
    meaning: 'Several mails in a row came back, e.g. for a full mailbox.',
  },
  manual: { label: 'By hand', meaning: 'Somebody of your team stopped it.' },
}

/** By what a person recognises the entry. */
export const suppressionName = ({ address, trialists, id }: Suppression): string =>
  address ?? trialists[0]?.name ?? trialists[0]?.userId ?? `unknown address ${id.slice(0, 8)}`
