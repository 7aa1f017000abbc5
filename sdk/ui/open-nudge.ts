import { attempt, guard } from '../guard.ts'
import type { Bridge } from '../nudge-bridge.ts'
import { isAmbient } from '../nudge-policy.ts'
import type { NudgeInstance } from '../types.ts'
import { plain } from './markup.ts'
import { createStage } from './stage.ts'
import { drawNudge, type Ending } from './view.ts'

/** A nudge on the screen. */
export interface OpenNudge {
  nudge: NudgeInstance
  redraw(nudge?: NudgeInstance): void
  ensure(): void
  close(): void
}

export interface Told {
  /** Called after the first paint in which it can be seen. */
  painted(): void
  end(how: Ending, answer?: string): void
  /** Its element has left the page. */
  gone(): void
}

const thanksMs = 900

/** A message task runs after the frame that the animation frame callback belongs to has been painted. */
function afterPaint(task: () => void): void {
  requestAnimationFrame(
    guard(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = guard(() => {
        port1.close()
        task()
      })
      port2.postMessage(0)
    }),
  )
}

/** Half of it in view counts as met. */
function whenInView(element: Element, task: () => void): () => void {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return
      observer.disconnect()
      task()
    },
    { threshold: 0.5 },
  )
  observer.observe(element)
  return () => observer.disconnect()
}

/** @returns null when it could not be seen: then nothing of it is left on the page, and nothing is locked. */
export function openNudge(
  first: NudgeInstance,
  bridge: Bridge,
  told: Told,
  isPreview = false,
): OpenNudge | null {
  const { format } = first
  const isModal = format === 'modal' || format === 'upgrade_wall'
  const stage = createStage(first, bridge.options.nonce, () => {
    if (!isModal && !isAmbient(first)) told.end('Dismissed')
  })
  let answer: string | undefined
  let isShut = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let unwatch: (() => void) | undefined

  const draw = guard(() =>
    stage.draw(
      drawNudge({
        nudge: it.nudge,
        trial: bridge.trial(),
        now: bridge.now(),
        since: bridge.since,
        answer,
        isShut,
        isPreview,
        end: told.end,
        choose: (chosen) => {
          if (answer) return
          answer = chosen
          draw()
          timer = setTimeout(() => told.end('Clicked', chosen), thanksMs)
        },
        toggle: () => {
          isShut = !isShut
          draw()
        },
      }),
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
      else if (format === 'countdown') draw()
    },
    close: () => {
      unwatch?.()
      clearTimeout(timer)
      attempt(stage.remove)
    },
  }
  draw()
  if (!attempt(stage.isSeen)) {
    it.close()
    return null
  }
  if (!isModal && !isAmbient(first)) stage.speak(`${first.title}. ${plain(first.body)}`)
  const painted = guard(() => afterPaint(told.painted))
  if (stage.isSlot) unwatch = attempt(() => whenInView(stage.host, painted))
  else painted()
  return it
}
