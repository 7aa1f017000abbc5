import SMTPPool from 'nodemailer/lib/smtp-pool'
import { minuteMs, secondMs } from '../../shared/clock.ts'

/** RFC 6531 §3.1: an address with such a local part may be sent only where the server says SMTPUTF8. */
export const needsSmtpUtf8 = (address: string): boolean =>
  /\P{ASCII}/u.test(address.slice(0, address.lastIndexOf('@')))

/** What a server says it can do changes with its configuration only. */
const rememberMs = 10 * minuteMs

/**
 * Asks the server once in a while what it offers, over a connection of its own: the library sends such addresses to
 * any server, and one that cannot take them answers as if there were no such person.
 * @returns false when it does not offer SMTPUTF8. @throws when it cannot be asked.
 */
export function createUtf8Question(url: string, now: () => number = performance.now.bind(performance)) {
  let known: { readonly offered: boolean; readonly at: number } | null = null

  return async (): Promise<boolean> => {
    if (known && now() - known.at < rememberMs) return known.offered
    let answer = ''
    const note = (entry: unknown, line: unknown): void => {
      const isAnswer = typeof entry === 'object' && entry !== null && 'tnx' in entry && entry.tnx === 'server'
      if (isAnswer) answer = `${answer}\n${String(line)}`.slice(-10_000)
    }
    const pool = new SMTPPool({
      url,
      transactionLog: true,
      logger: { level: () => {}, trace: note, debug: note, info: note, warn: note, error: note, fatal: note },
      connectionTimeout: 15 * secondMs,
      greetingTimeout: 15 * secondMs,
      socketTimeout: 30 * secondMs,
    })
    try {
      await pool.verify()
    } finally {
      pool.close()
    }
    // After STARTTLS it says again, and only that counts; the earlier list is shorter, never longer.
    known = { offered: /^250[- ]SMTPUTF8\b/im.test(answer), at: now() }
    return known.offered
  }
}
