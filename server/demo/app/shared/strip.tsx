import type { ComponentChildren } from 'preact'
import type { DemoClock } from './use-clock.ts'

const spans = [
  ['1h', '+1 h', 'one hour'],
  ['1d', '+1 d', 'one day'],
  ['3d', '+3 d', 'three days'],
] as const

const timeOf = (now: number): string =>
  new Intl.DateTimeFormat(undefined, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
  }).format(now)

/** The bar above each demo page: what time it is here, and the buttons that let days pass. */
export function DemoStrip({
  clock,
  here,
  userId,
  children,
}: {
  clock: DemoClock
  here: 'board' | 'inbox'
  /** Whose page the dashboard opens with. */
  userId?: string | undefined
  children?: ComponentChildren
}) {
  return (
    <aside class="strip" aria-label="Demo controls">
      <div class="strip-time">
        <span class="strip-tag">Demo</span>
        <time id="demo-time" dateTime={clock.now === null ? '' : new Date(clock.now).toISOString()}>
          {clock.now === null ? '…' : timeOf(clock.now)}
        </time>
        <fieldset class="strip-jumps" disabled={clock.moving}>
          <legend class="hidden">Let time pass</legend>
          {spans.map(([span, label, words]) => (
            <button key={span} type="button" onClick={() => clock.advance(span)} title={`Let ${words} pass`}>
              {label}
            </button>
          ))}
        </fieldset>
        <span class="strip-state" role="status">
          {clock.moving ? 'Time passes …' : (clock.fault ?? '')}
        </span>
      </div>
      <div class="strip-facts">{children}</div>
      <nav class="strip-links" aria-label="Demo pages">
        {here === 'board' ? <a href="/inbox">Inbox</a> : <a href="/demo/">Sample app</a>}
        <a href={userId ? `/#/trialists/${encodeURIComponent(userId)}` : '/'}>Dashboard</a>
      </nav>
    </aside>
  )
}
