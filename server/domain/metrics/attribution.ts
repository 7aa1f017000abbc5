import type { MailOutcome } from './measure-message.ts'

type CreditBy = 'verified' | 'utm' | 'email'

export interface Credit {
  readonly mail: MailOutcome
  readonly by: CreditBy
}

/**
 * The email that something a person did is credited to. The latest touch of the strongest kind in the window before
 * it: a click seen to arrive in the product, then a campaign link or a click by a person, then an email that was
 * delivered to their address. null when there was none.
 */
export function creditFor(at: number, mails: readonly MailOutcome[], windowMs: number): Credit | null {
  const latest = (touches: (mail: MailOutcome) => readonly number[]): MailOutcome | null => {
    let best: { mail: MailOutcome; at: number } | null = null
    for (const mail of mails)
      for (const touch of touches(mail))
        if (touch <= at && touch > at - windowMs && (!best || touch >= best.at)) best = { mail, at: touch }
    return best?.mail ?? null
  }
  const tiers: readonly (readonly [CreditBy, (mail: MailOutcome) => readonly number[]])[] = [
    ['verified', ({ verifiedAt }) => verifiedAt],
    ['utm', ({ campaignAt }) => campaignAt],
    ['email', (mail) => (mail.isDelivered ? [mail.at] : [])],
  ]
  for (const [by, touches] of tiers) {
    const mail = latest(touches)
    if (mail) return { mail, by }
  }
  return null
}
