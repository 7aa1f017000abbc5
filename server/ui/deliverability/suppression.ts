import type { SuppressionReason } from '../../../shared/trial.ts'

export interface Suppression {
  id: string
  address: string | null
  reason: SuppressionReason
  since: string
  until: string | null
  liftedBy: 'rep' | 'admin'
  trialists: { userId: string | null; name: string | null; email: string | null }[]
}

export interface SuppressionPage {
  suppressions: Suppression[]
  counts: Partial<Record<SuppressionReason, number>>
  cursor: string | null
}

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
