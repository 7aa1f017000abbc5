import type { Card } from '../../shared/api/card.ts'
import { dateText } from './format.ts'

/** What the billing system knows, in the server’s own sentences; what needs attention first. */
export function Billing({ card }: { card: Card }) {
  const { billing } = card
  if (!billing) return null
  const facts = [
    billing.plan,
    billing.status,
    billing.trialEndsAt && `trial there until ${dateText(billing.trialEndsAt, card.timeZone)}`,
    billing.cancelsAt && `cancels ${dateText(billing.cancelsAt, card.timeZone)}`,
  ].filter(Boolean)
  return (
    <div class="billing">
      <h3>Billing in {billing.connection}</h3>
      {facts.length > 0 && <p>{facts.join(' · ')}</p>}
      {billing.notes.map((note) => (
        <p key={note} class="warning">
          {note}
        </p>
      ))}
    </div>
  )
}
