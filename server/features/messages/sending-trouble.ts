import type { Logger } from 'pino'
import { minuteMs } from '../../../shared/clock.ts'
import type { BounceCause } from '../../domain/trial/bounce-words.ts'
import { judgeBounce } from '../../domain/trial/judge-bounce.ts'
import { withoutAddresses } from '../../domain/without-addresses.ts'
import type { Clock, SendResult } from '../../ports.ts'
import type { DocumentBodies } from '../../storage/document-registry.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'

/** Refusals that are about us, or pass by themselves: the same email is worth another try while it is of use. */
const aboutUs: ReadonlySet<BounceCause> = new Set(['own_account', 'relay', 'sender'])
const passes: ReadonlySet<BounceCause> = new Set(['rate'])

/** What a refusal of the email itself comes to. `ours`: nothing is wrong with the recipient; someone has to act. */
export function refusalOf({ enhancedCode, code, answer }: Extract<SendResult, { state: 'rejected' }>) {
  const verdict = judgeBounce(enhancedCode, code, answer)
  return {
    class: verdict.class,
    isOurs: aboutUs.has(verdict.cause),
    isForNow: aboutUs.has(verdict.cause) || passes.has(verdict.cause),
  }
}

type SendingTrouble = DocumentBodies['sending-trouble']

const kind = 'sending-trouble'
const id = 'smtp'
/** A server that is started again does not answer for a moment; one that is away for three emails is away. */
const unreachableTimes = 3
/** How often the record of a trouble that goes on is brought up to date, and how often others’ records are looked for. */
const noteEveryMs = minuteMs

/** The trouble a result tells of; null: it says nothing about us. */
export function troubleIn(result: SendResult): Pick<SendingTrouble, 'cause' | 'stage' | 'answer'> | null {
  if (result.state !== 'rejected' && result.state !== 'deferred') return null
  const answer = withoutAddresses(result.answer)
  const stage = result.state === 'deferred' ? result.stage : 'RCPT TO or DATA'
  if (result.code === null)
    return result.state === 'deferred' && stage === 'CONN' ? { cause: 'unreachable', stage, answer } : null
  const isAccount = judgeBounce(null, result.code, result.answer).cause === 'own_account'
  if (isAccount) return { cause: 'account', stage, answer }
  const isAboutUs = result.state === 'rejected' ? refusalOf(result).isOurs : result.code >= 500
  return isAboutUs ? { cause: 'refused', stage, answer } : null
}

/**
 * Says once that the mail server refuses us, anyone who the recipients are; an accepted email ends it. Every later
 * refusal of the kind is on the activity of its trialist, and would only repeat the alarm. Kept in the database: the
 * dashboard may be another process, and a start does not make it good.
 */
export function createSendingTrouble({
  documents,
  clock,
  log,
}: {
  documents: DocumentStore
  clock: Pick<Clock, 'now'>
  log: Pick<Logger, 'error' | 'info' | 'warn'>
}) {
  let noted: Pick<SendingTrouble, 'cause' | 'lastAt'> | null = null
  let lookedAt = Number.NEGATIVE_INFINITY
  let unreachable = 0

  async function begin(trouble: Pick<SendingTrouble, 'cause' | 'stage' | 'answer'>) {
    const now = clock.now()
    if (noted?.cause === trouble.cause && now - noted.lastAt < noteEveryMs) return
    const isNews = noted?.cause !== trouble.cause
    noted = { cause: trouble.cause, lastAt: now }
    const { state } = await updateDocument(documents, kind, id, (before) => ({
      ...trouble,
      since: before?.cause === trouble.cause ? before.since : now,
      lastAt: now,
    }))
    if (isNews && state === 'changed')
      log.error(trouble, 'sending is deferred: the mail server takes no email from us, whoever it is for')
  }

  async function end() {
    unreachable = 0
    const now = clock.now()
    if (!noted && now - lookedAt < noteEveryMs) return
    lookedAt = now
    noted = null
    if (await documents.delete(kind, id)) log.info('the mail server takes email again')
  }

  return {
    /** Never throws: what became of the email is more important than this. */
    async note(result: SendResult): Promise<void> {
      try {
        if (result.state === 'accepted') return await end()
        const trouble = troubleIn(result)
        if (!trouble) return
        unreachable = trouble.cause === 'unreachable' ? unreachable + 1 : 0
        if (trouble.cause !== 'unreachable' || unreachable >= unreachableTimes) await begin(trouble)
      } catch (error) {
        log.warn({ err: error }, 'trouble with the mail server could not be recorded')
      }
    },
  }
}

const says = {
  account: {
    detail: 'Sending is deferred because our account at the email provider has reached its limit.',
    todo: 'Raise the limit at the email provider, or wait until it lets email through again.',
  },
  refused: {
    detail: 'Sending is deferred because the mail server refuses us.',
    todo: 'Check the user, password and sender: SMTP_URL and MAIL_FROM. The answer of the mail server says more.',
  },
  unreachable: {
    detail: 'Sending is deferred because the mail server cannot be reached.',
    todo: 'Check the host and port in SMTP_URL, and whether a firewall stands between.',
  },
} as const

/** In words; null: the mail server takes email, as far as is known. */
export async function readSendingTrouble(documents: DocumentStore) {
  const found = (await documents.get(kind, id))?.body
  return found ? { ...found, ...says[found.cause] } : null
}
