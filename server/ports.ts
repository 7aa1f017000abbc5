import type { Condition } from '../shared/condition.ts'
import type { MailView } from '../shared/mail-view.ts'
import type { Brand } from '../shared/playbook/brand.ts'
import type { EmailContent } from '../shared/playbook/content.ts'

/** What the server needs of the outside world. Fakes stand only here. */

export interface Clock {
  /** Epoch milliseconds. In demo mode it can be moved. */
  now(): number
  /**
   * Resolves when the clock reaches `at`, or when `signal` aborts, whichever comes first; never rejects.
   * Safe for any distance: setTimeout alone overflows after 24.8 days and fires at once.
   */
  waitUntil(at: number, signal: AbortSignal): Promise<void>
}

export interface Ids {
  /** UUIDv7: time-ordered, so that a B-tree fills at its end. */
  uuid(now: number): string
  /** 256 random bits, base64url. */
  secret(): string
}

/** Uniform in [0, 1). */
export type Random = () => number

export interface OutgoingMail {
  /** The person’s address; exactly one. */
  to: { address: string; name: string }
  from: { address: string; name: string }
  replyTo: { address: string; name: string }
  /** VERP return path. */
  envelopeFrom: string
  messageId: string
  subject: string
  html: string
  text: string
  headers: Record<string, string>
  listId: { host: string; comment: string }
  unsubscribe: { url: string; mailto: string } | null
  date: Date
}

/** `stage` tells how far the SMTP dialogue got; nodemailer’s own error codes do not. */
export type SendResult =
  | { state: 'accepted'; answer: string }
  /** The gate said no: the body was aborted before its final dot, the server completed nothing. */
  | { state: 'refused' }
  /** Provably not accepted: connection, TLS, login or a 4xx reply. May be tried again. */
  | { state: 'deferred'; answer: string; code: number | null; stage: string }
  /** 5xx. */
  | { state: 'rejected'; answer: string; code: number; enhancedCode: string | null }
  /** The final dot was sent and no answer came. */
  | { state: 'unknown'; answer: string }

export interface Mailer {
  /**
   * @param gate asked after the body’s last byte and before the final dot; false aborts the email.
   * @param signal breaks the email off while its final dot has not left; afterwards it changes nothing.
   */
  send(mail: OutgoingMail, gate: () => Promise<boolean>, signal?: AbortSignal): Promise<SendResult>
  /** Whether the mail server can be reached and lets us in. */
  verify(): Promise<{ ok: true } | { ok: false; why: string }>
  close(): Promise<void>
}

export interface RenderedMail {
  subject: string
  preheader: string
  html: string
  text: string
  /** Targets of the tracked links, in the order of their index in `/c/:token/:link`. */
  links: readonly string[]
  /** Only where it was asked for. */
  report?: RenderReport
}

/** What became of the blocks of an email. */
export interface RenderReport {
  /** The language it is written in. */
  readonly locale: string
  /** Why this person would not get it; its HTML and text are empty then. */
  readonly notSent: string | null
  readonly blocks: readonly {
    readonly id: string
    readonly state: 'shown' | 'condition' | 'missing' | 'nothing_to_say'
    readonly html: string
    readonly text: string
  }[]
  readonly missing: readonly {
    readonly variable: string
    readonly block: string | null
    readonly field: string | null
    readonly effect: 'else' | 'left_out' | 'not_sent'
  }[]
}

export interface Renderer {
  /**
   * @returns the email, or why it cannot be written honestly (a missing value, a template fault, a limit). `isForNow`:
   * for lack of time or of a thread, which says nothing about the email.
   */
  render(request: {
    template: string
    locale: string
    subject: string | null
    view: MailView
    /** The team’s own words; absent: those of the template. */
    content?: EmailContent | undefined
    brand?: Brand | undefined
    /** Which of the content’s subjects. */
    variant?: number
    /** Whether the condition of a block holds for this person; absent: as far as the view tells. */
    holds?: (condition: Condition) => boolean
    /** Adds the report. */
    explains?: boolean
  }): Promise<{ ok: true; mail: RenderedMail } | { ok: false; why: string; isForNow?: true }>
  close(): Promise<void>
}

/** `absent`: the DNS says there is none. `silent`: no one answered, which says nothing about the record. */
export type DnsAnswer =
  | { readonly state: 'found'; readonly values: readonly string[] }
  | { readonly state: 'absent' }
  | { readonly state: 'silent'; readonly why: string }

/** Questions to the DNS; never throws. */
export interface Dns {
  /** The strings of each TXT record, joined. */
  txt(name: string): Promise<DnsAnswer>
  /** `10 mail.acme.com`, the preferred ones first. */
  mx(name: string): Promise<DnsAnswer>
  /** IPv4 and IPv6 addresses, through aliases. */
  addresses(name: string): Promise<DnsAnswer>
  /** The names an address is said to have. */
  names(address: string): Promise<DnsAnswer>
}
