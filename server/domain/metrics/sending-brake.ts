import { type Counters, countOf } from './counters.ts'

/** Gmail and Yahoo act at 0.3 % complaints and ask for less than 0.1 %; hard bounces by common practice. */
export const brakeLimits = {
  complaintWarn: 0.001,
  complaintStop: 0.003,
  hardBounceStop: 0.05,
  /** Fewer emails prove nothing. */
  leastMails: 200,
  days: 28,
} as const

export interface BrakeReading {
  readonly verdict: 'ok' | 'warn' | 'stop'
  readonly why: string
  readonly handed: number
  readonly complaints: number
  readonly hardBounces: number
}

const percent = (n: number, of: number): string => `${((100 * n) / of).toFixed(2)} %`

/** Whether marketing email does harm and has to rest until someone has looked. */
export function readBrake(mails: Counters): BrakeReading {
  const handed = countOf(mails, 'handed')
  const delivered = countOf(mails, 'delivered')
  const complaints = countOf(mails, 'complained')
  const hardBounces = countOf(mails, 'rejectedHard') + countOf(mails, 'bouncedHard')
  const of = (verdict: BrakeReading['verdict'], why: string) => ({
    verdict,
    why,
    handed,
    complaints,
    hardBounces,
  })
  if (handed < brakeLimits.leastMails)
    return of('ok', `Fewer than ${brakeLimits.leastMails} emails: too few to judge.`)
  if (hardBounces / handed >= brakeLimits.hardBounceStop)
    return of(
      'stop',
      `${percent(hardBounces, handed)} of the emails went to addresses that do not exist (limit 5 %).`,
    )
  const base = Math.max(delivered, 1)
  const said = `${complaints} of ${delivered} delivered emails (${percent(complaints, base)}) were marked as spam`
  if (complaints / base >= brakeLimits.complaintStop) return of('stop', `${said} (limit 0.3 %).`)
  if (complaints / base >= brakeLimits.complaintWarn)
    return of('warn', `${said}; at 0.3 % emails are paused.`)
  return of('ok', 'Complaints and bounces are within their limits.')
}
