import type { Mailer } from '../ports.ts'

const why = 'No mail server is set (SMTP_URL).'

/** Stands in where no mail server is set: emails wait, and lapse when they are of no more use. */
export const noMailer: Mailer = {
  send: async () => ({ state: 'deferred', answer: why, code: null, stage: 'waiting' }),
  verify: async () => ({ ok: false, why }),
  close: async () => undefined,
}
