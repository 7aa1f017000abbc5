import type { OutboxMessage } from '../trial/model.ts'

/** An email of which nothing has happened yet. */
export const freshMessage = (
  of: Pick<OutboxMessage, 'key' | 'ruleId' | 'kind' | 'cycle' | 'to' | 'roles' | 'dueAt' | 'notAfter'>,
  nextAttemptAt: number,
): OutboxMessage => ({
  ...of,
  state: 'due',
  attempts: 0,
  nextAttemptAt,
  fence: null,
  facts: null,
  token: null,
  messageId: null,
  subject: null,
  variant: null,
  bodyHash: null,
  endsAtQuoted: null,
  dotAt: null,
  sentAt: null,
  answer: null,
  openedAt: null,
  clickedAt: null,
  repliedAt: null,
  bouncedAt: null,
})
