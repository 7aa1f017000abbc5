import type { Logger } from 'pino'
import type { BounceCause } from '../../domain/trial/bounce-words.ts'
import { judgeBounce } from '../../domain/trial/judge-bounce.ts'
import { withoutAddresses } from '../../domain/without-addresses.ts'
import type { SendResult } from '../../ports.ts'

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

/**
 * Says once that the mail server refuses us, anyone who the recipients are; an accepted email ends it. Every later
 * refusal of the kind is on the activity of its trialist, and would only repeat the alarm.
 */
export function createSendingTrouble(log: Pick<Logger, 'error' | 'info'>) {
  let isAlarmed = false
  return {
    note(result: SendResult): void {
      if (result.state === 'accepted') {
        if (isAlarmed) log.info('the mail server takes email again')
        isAlarmed = false
        return
      }
      const isPermanent = result.state === 'deferred' && result.code !== null && result.code >= 500
      if (isAlarmed || !(isPermanent || (result.state === 'rejected' && refusalOf(result).isOurs))) return
      isAlarmed = true
      const stage = result.state === 'deferred' ? result.stage : 'RCPT TO or DATA'
      log.error(
        { stage, answer: withoutAddresses(result.answer) },
        'the mail server refuses all our emails: check SMTP_URL, the sender and its limits',
      )
    },
  }
}
