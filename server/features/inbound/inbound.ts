import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { MessageKey, TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { type ReplySentiment, replySentiment } from '../../domain/metrics/reply-sentiment.ts'
import type { Clock } from '../../ports.ts'
import type { DocumentStore } from '../../storage/port.ts'
import type { ApplyFeedback } from './apply-feedback.ts'
import type { InboundKind } from './classify-mail.ts'
import type { Envelope } from './parse-mail.ts'
import { withoutRepeated } from './quoted-text.ts'
import type { MailReader, ReadMail } from './read-mail.ts'
import type { MailResolver, Matched } from './resolve-mail.ts'

/** A larger email is refused by either door; of a smaller one as much is read as `mimeBounds` allows. */
export const mailMaxBytes = 10 * 1024 * 1024

export interface InboundResult {
  readonly kind: InboundKind
  /** Token of the email it is about; null when it is about none of ours. */
  readonly token: string | null
  readonly detail: string
  /** It had been received before, and nothing was done again. */
  readonly repeated: boolean
}

/** Document of kind `signal`, id `<token>/<hash of the received mail>`. */
interface InboundSignal {
  readonly type: InboundKind
  readonly at: number
  readonly trialId: TrialId
  readonly key: MessageKey
  readonly detail: string
  /** Of replies: the person’s own words, and what they sound like. */
  readonly text: string | null
  readonly sentiment: ReplySentiment | null
}

export interface Inbound {
  /**
   * Takes in one received email, whatever brought it: SMTP, HTTP or the demo’s mailbox. The same email again, also at
   * the same time, changes nothing.
   * @param only who brought it may speak of this workspace’s emails alone; others are as if they did not exist.
   * @throws StorageUnavailable, MailReaderBusy, or what forwarding threw: anyone who delivered it should try again later.
   */
  receive(raw: Uint8Array, envelope: Envelope, only?: WorkspaceId): Promise<InboundResult>
  /** Whether an address is one of ours, with an email behind it. @throws StorageUnavailable */
  knows: MailResolver['knows']
}

export function createInbound({
  documents,
  resolver,
  read,
  apply,
  clock,
  log,
  mark = () => {},
}: {
  documents: DocumentStore
  resolver: MailResolver
  read: MailReader
  apply: ApplyFeedback
  clock: Clock
  log: Logger
  /** Called with each trial that feedback has come for. */
  mark?: (trialId: TrialId) => void
}): Inbound {
  /** Does what the email asks for, and then keeps it: a crash in between does it again, never not at all. */
  async function take(
    id: string,
    mail: ReadMail,
    matched: Matched,
    only: WorkspaceId | undefined,
  ): Promise<InboundResult> {
    const { kind, detail } = mail
    const { token, trial } = matched
    if (await documents.get('signal', id)) return { kind, token, detail, repeated: true }
    await apply(mail, matched, only)
    const { key } = matched.mail
    const { text, sentiment } = heardIn(mail, matched)
    const signal: InboundSignal = {
      type: kind,
      at: clock.now(),
      trialId: trial.id,
      key,
      detail,
      text,
      sentiment,
    }
    await documents.put('signal', id, signal, 0)
    mark(trial.id)
    log.info({ kind, trialId: trial.id, key }, 'feedback received')
    return { kind, token, detail, repeated: false }
  }

  /** Emails being taken in: who brings one of them once more hears what became of the first. */
  const underWay = new Map<string, Promise<InboundResult>>()

  return {
    knows: resolver.knows,
    async receive(raw, envelope, only) {
      const mail = await read(raw, envelope)
      if ('unreadable' in mail) {
        log.info({ why: mail.unreadable }, 'a received mail could not be read')
        return { kind: 'unknown', token: null, detail: mail.unreadable, repeated: false }
      }
      const matched = await resolver.match(mail, only)
      if (!matched) {
        log.info({ kind: mail.kind }, 'a received mail is about none of ours')
        return { kind: mail.kind, token: null, detail: mail.detail, repeated: false }
      }
      const id = `${matched.token}/${digestOf(raw, mail)}`
      const first = underWay.get(id)
      if (first) return { ...(await first), repeated: true }
      const taking = take(id, mail, matched, only)
      underWay.set(id, taking)
      try {
        return await taking
      } finally {
        underWay.delete(id)
      }
    },
  }
}

/** What is kept of a reply, and what it sounds like. Our own words, quoted, say nothing about the person. */
function heardIn(
  { kind, words, text }: ReadMail,
  { mail }: Matched,
): { text: string | null; sentiment: ReplySentiment | null } {
  if (words === null) return { text: null, sentiment: null }
  const own = 'text' in mail ? withoutRepeated(words, mail.text) : words
  return { text: own || text, sentiment: kind === 'reply' ? replySentiment(own) : null }
}

/** The same email delivered twice has the same Message-ID; one without is known by its bytes. */
const digestOf = (raw: Uint8Array, { messageId }: ReadMail): string =>
  createHash('sha256')
    .update(messageId ?? raw)
    .digest('hex')
    .slice(0, 32)
