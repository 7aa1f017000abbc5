import { addressParser } from 'postal-mime'

/** The address of a mailbox as RFC 5322 writes it: `"Acme, Inc." <hello@acme.example>` → `hello@acme.example`. */
export const addressOfMailbox = (mailbox: string): string =>
  addressParser(mailbox, { flatten: true })[0]?.address ?? mailbox.trim()
