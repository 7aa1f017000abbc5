import { attempt, guard } from '../guard.ts'
import type { Bridge } from '../nudge-bridge.ts'
import { isAmbient } from '../nudge-policy.ts'
import type { NudgeInstance } from '../types.ts'
import { createStage } from './stage.ts'
import { NudgeView } from './view.tsx'

/** A nudge on the screen. */
export interface OpenNudge {
  nudge: NudgeInstance
  redraw(nudge?: NudgeInstance): void
  ensure(): void
  close(): void
}

interface Told {
  /** @param at performance.now() after the first paint in which it can be seen. */
  painted(at: number): void
  end(what: 'clicked' | 'dismissed' | 'snoozed', answer?: string): void
  /** Its element has left the page. */
  gone(): void
}

/** Calls back after the next frame has been painted: a message task runs after the frame that rAF belongs to. */
function afterPaint(task: (at: number) => void): void {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      attempt(() => task(performance.now()))
    }
    port2.postMessage(0)
  })
}

/** Half of it in view counts as met; what stands outside of the page flow is in view at once. */
function whenInView(element: Element, task: () => void): () => void {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return
      observer.disconnect()
      attempt(task)
    },
    { threshold: 0.5 },
  )
  observer.observe(element)
  return () => observer.disconnect()
}

export function openNudge(first: NudgeInstance, bridge: Bridge, told: Told, preview = false): OpenNudge {
  const nonModal = first.format !== 'modal' && first.format !== 'upgrade_wall'
  const spoken =
    nonModal && !isAmbient(first) ? `${first.title}. ${first.body.replace(/\*\*|\]\(\S+\)|\[/g, '')}` : null
  const stage = createStage(first, bridge.nonce, spoken, () => {
    if (nonModal && !isAmbient(it.nudge)) told.end('dismissed')
  })
  let answer: string | null = null
  let collapsed = false
  let unwatch: (() => void) | undefined
  const timers: ReturnType<typeof setTimeout>[] = []

  const draw = guard(() =>
    stage.draw(
      <NudgeView
        nudge={it.nudge}
        trial={bridge.trial()}
        now={bridge.now()}
        locale={it.nudge.locale || bridge.locale()}
        since={bridge.since}
        answer={answer}
        collapsed={collapsed}
        preview={preview}
        click={() => told.end('clicked')}
        choose={(chosen) => {
          if (answer !== null) return
          answer = chosen
          draw()
          timers.push(setTimeout(() => told.end('clicked', chosen), 900))
        }}
        dismiss={() => told.end('dismissed')}
        snooze={() => told.end('snoozed')}
        toggle={() => {
          collapsed = !collapsed
          draw()
        }}
      />,
    ),
  )
  const it: OpenNudge = {
    nudge: first,
    redraw: (nudge = it.nudge) => {
      it.nudge = nudge
      draw()
    },
    ensure: () => {
      if (!stage.ensure()) told.gone()
    },
    close: () => {
      unwatch?.()
      timers.forEach(clearTimeout)
      attempt(stage.remove)
    },
  }
  draw()
  if (first.format === 'countdown') timers.push(setInterval(draw, 1000))
  const painted = () => afterPaint(told.painted)
  if (stage.host.parentElement === document.body) painted()
  else unwatch = attempt(() => whenInView(stage.host, painted))
  return it
}
