import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mailAddress, mailName } from '../../server/domain/messages/return-path.ts'
import type { InboundKind } from '../../server/features/inbound/classify-mail.ts'

export const samplesDir = join(import.meta.dirname, '../fixtures/inbound')

export interface InboundSample {
  /** The folder it is in: what it must be taken for. */
  readonly kind: InboundKind
  readonly name: string
  readonly raw: Buffer
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
}

/** Emails as mail servers and people send them, about the email with that token. */
export function inboundSamples(about: {
  token: string
  secret: string
  mailDomain: string
}): InboundSample[] {
  const slots: Record<string, string> = {
    ID: mailName('message-id', about.token, about.secret),
    HEADER: mailName('header', about.token, about.secret),
    BOUNCE: mailAddress('bounce', about.token, about.secret, about.mailDomain),
    REPLY: mailAddress('reply', about.token, about.secret, about.mailDomain),
    UNSUB: mailAddress('unsubscribe', about.token, about.secret, about.mailDomain),
  }
  return readdirSync(samplesDir).flatMap((kind) =>
    readdirSync(join(samplesDir, kind)).map((file): InboundSample => {
      const text = readFileSync(join(samplesDir, kind, file), 'utf8').replace(
        /\{\{([A-Z]+)\}\}/g,
        (_, slot: string) => slots[slot] ?? slot,
      )
      const to = /^To: (?:.*<)?([^<>\r\n]+)>?\r?$/m.exec(text)?.[1] ?? ''
      const isReport = /^Content-Type: multipart\/report|^From:.*(MAILER-DAEMON|Mailer-Daemon)/im.test(text)
      const from = isReport ? '' : (/^From: (?:.*<)?([^<>\r\n]+)>?\r?$/m.exec(text)?.[1] ?? '')
      return {
        kind: kind as InboundKind,
        name: file.replace(/\.eml$/, ''),
        raw: Buffer.from(text),
        envelope: { from, to: [to] },
      }
    }),
  )
}
