import type { OutgoingMail } from '../../server/ports.ts'

/** A complete email with fixed content, so that its bytes can be compared. */
export const outgoingMail = (changes: Partial<OutgoingMail> = {}): OutgoingMail => ({
  to: { address: 'ann@customer.example', name: 'Ann Ångström' },
  from: { address: 'hello@acme.example', name: 'Acme' },
  replyTo: { address: 'reply+00112233445566778899aabbccddeeff@in.acme.example', name: 'Acme' },
  envelopeFrom: 'b+00112233445566778899aabbccddeeff.01234567@bounce.acme.example',
  messageId: 'ABEiM0RVZneImaq7zN3u_w@acme.example',
  subject: 'Three boards, and five days left',
  html: '<p>Hello Ann</p>',
  text: 'Hello Ann',
  headers: {
    'Feedback-ID': 'welcome:trial:acme:trialpace',
    'Auto-Submitted': 'auto-generated',
    'X-Trialpace-Id': 'ABEiM0RVZneImaq7zN3u_w',
  },
  listId: { host: 'trial.acme.example', comment: 'Acme trial email' },
  unsubscribe: {
    url: 'https://trial.acme.example/u/ABEiM0RVZneImaq7zN3u_w',
    mailto: 'unsub+00112233445566778899aabbccddeeff@in.acme.example',
  },
  date: new Date('2026-03-02T09:00:00Z'),
  ...changes,
})
