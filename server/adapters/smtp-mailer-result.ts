import type { SendResult } from '../ports.ts'
import type { GateStage } from './gate-stream.ts'

/** What the email library throws, as far as we rely on it. `command` is set when the server answered. */
export interface SmtpError extends Error {
  responseCode?: number
  response?: string
  command?: string
}

const maxAnswer = 500

/** One printable line. */
const tidy = (text: string): string =>
  text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, maxAnswer)

export const explain = (error: SmtpError): string => tidy(error.response ?? error.message)

/** RFC 3463 §2: class, subject and detail after the reply code. */
const enhancedCodeOf = (response: string): string | null =>
  /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] ?? null

/**
 * Refusals of the recipient or of what is said. Others (greeting, EHLO, STARTTLS, AUTH, and MAIL FROM, which names
 * us) say nothing about the recipient, and pass once we are repaired.
 */
const mailCommands = new Set(['RCPT TO', 'DATA'])

/**
 * @param stage how far our own stream got. Only `dot` leaves it open whether the server has the email, and only while
 * no reply came: a 4xx or 5xx after the dot is a refusal like any other (RFC 5321 §4.2.5).
 */
export function resultOfFailure(error: SmtpError, stage: GateStage): SendResult {
  if (stage === 'refused') return { state: 'refused' }
  const answer = explain(error)
  const code = error.responseCode && error.responseCode >= 400 ? error.responseCode : null
  if (code === null && stage === 'dot')
    return { state: 'unknown', answer: `The final dot was sent and no answer came: ${answer}` }
  const command = error.command ?? (stage === 'waiting' ? 'CONN' : 'DATA')
  // 503 says that the session was out of step, not that the email is unwanted.
  if (code !== null && code >= 500 && code !== 503 && mailCommands.has(command))
    return { state: 'rejected', answer, code, enhancedCode: enhancedCodeOf(error.response ?? '') }
  return { state: 'deferred', answer, code, stage: stage === 'waiting' ? command : stage }
}

/** @param stage `dot` unless the server said yes to an email whose end it cannot have seen. */
export const resultOfSuccess = (response: string, stage: GateStage): SendResult =>
  stage === 'dot'
    ? { state: 'accepted', answer: tidy(response) }
    : {
        state: 'deferred',
        answer: `The server answered before the end of the mail: ${tidy(response)}`,
        code: null,
        stage,
      }
