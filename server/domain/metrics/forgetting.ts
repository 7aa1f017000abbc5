import type { EmailAddress, MessageKey, MessageKind, TrialId } from '../../../shared/trial.ts'
import type { Tracking } from './measure-message.ts'
import type { ForgottenSignal, SignalFacts } from './signal.ts'

/**
 * What stays of an email, and of what came back from it, when their content is no longer kept: as much as the metrics
 * rest on, because revenue is credited to an email for as long as its customer pays. No words, no device, no network.
 */
interface Forgotten {
  readonly isForgotten: true
}

export interface MailFacts {
  readonly trialId: TrialId
  readonly key: MessageKey
  readonly kind: MessageKind
  /** When it was first written like this; is in its Date header. */
  readonly at: number
  /** How far it is followed; opens and clicks individually, viewing not at all, where it is not said. */
  readonly tracking?: Tracking
  /** Where it went: what comes back is about this address, whatever the person’s is by then. */
  readonly to?: EmailAddress
}

/** A rendered email as it is kept: what its links mean, what “view in browser” shows. Document of kind `mail`, id = token. */
export interface StoredMail extends MailFacts {
  readonly subject: string
  readonly html: string
  readonly text: string
  /** Targets of `/c/:token/:link`. */
  readonly links: readonly string[]
}

/** An email whose content is no longer kept. */
export type ForgottenMail = MailFacts & Forgotten
/** As it is stored. */
export type KeptMail = StoredMail | ForgottenMail

/** A forgotten email can be neither shown nor followed, and its hits are not judged again. */
export const isForgotten = <T extends object>(body: T): body is T & Forgotten => 'isForgotten' in body

export const forgetMail = ({ trialId, key, kind, at, tracking, to }: MailFacts): ForgottenMail => ({
  trialId,
  key,
  kind,
  at,
  ...(tracking && { tracking }),
  ...(to && { to }),
  isForgotten: true,
})

const lasting = ['type', 'at', 'trialId', 'key', 'verdict', 'verifiedAt', 'sentiment', 'loadedMs'] as const
/** Fails to compile when a new fact of signals would be forgotten. */
type Lasting = Exclude<keyof SignalFacts, (typeof lasting)[number]> extends never ? SignalFacts : never

export const forgetSignal = (signal: SignalFacts): ForgottenSignal => {
  const kept = Object.fromEntries(
    lasting.filter((name) => name in signal).map((name) => [name, signal[name]]),
  )
  return { ...(kept as unknown as Lasting), isForgotten: true }
}
