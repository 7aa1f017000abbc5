import { useState } from 'preact/hooks'
import { request } from '../shared/request.ts'

export function Upgrade({ converted, onConverted }: { converted: boolean; onConverted: () => void }) {
  const [fault, setFault] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const buy = async () => {
    setBusy(true)
    try {
      await request('/demo/api/app/upgrade', {})
      onConverted()
    } catch (error) {
      setFault((error as Error).message)
    }
    setBusy(false)
  }

  if (converted)
    return (
      <section class="card first">
        <h1>Welcome to the Team plan</h1>
        <p>Thank you. Your boards stay as they are, and automations are on.</p>
        <a class="button primary" href="#/board">
          Back to the board
        </a>
      </section>
    )
  return (
    <section aria-labelledby="plans-title">
      <h1 id="plans-title">Choose your plan</h1>
      <div class="plans">
        <article class="card plan">
          <h2>Trial</h2>
          <p class="price">$0</p>
          <ul class="ticks">
            <li>One board</li>
            <li>Up to three teammates</li>
          </ul>
        </article>
        <article class="card plan best">
          <h2>Team</h2>
          <p class="price">
            $9 <small>per seat and month</small>
          </p>
          <ul class="ticks">
            <li>As many boards as you like</li>
            <li>Everyone in your company</li>
            <li>Automations</li>
          </ul>
          {fault && (
            <p class="fault" role="alert">
              {fault}
            </p>
          )}
          <button type="button" id="upgrade-now" class="primary wide" onClick={buy} disabled={busy}>
            {busy ? 'One moment …' : 'Upgrade to Team'}
          </button>
          <p class="small">A demo: nothing is charged.</p>
        </article>
      </div>
    </section>
  )
}
