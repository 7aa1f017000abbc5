import type { CollectAnswer } from '../shared/collect.ts'
import { attempt, guard } from './guard.ts'
import type { Bridge, Chunks, NudgeUi } from './nudge-bridge.ts'
import type { SdkEvent } from './types.ts'

/** The core’s half of nudging: it fetches the chunk that decides and draws, when there is something to decide. */
export interface Nudging {
  /** Something happened that may trigger a local rule. */
  _happened(event: SdkEvent): void
  _answered(answer: CollectAnswer, events: readonly SdkEvent[], networkMs: number): void
  /** Fetches the chunk at idle when a nudge is live for this person. */
  _prefetch(): void
  /** With the chunk loaded if need be. */
  _withUi(task: (ui: NudgeUi) => void): void
  /** Only when the chunk is there already. */
  _ui(): NudgeUi | undefined
}

export function createNudging(bridge: Bridge, chunks: Chunks, enabled: boolean): Nudging {
  let loading: Promise<void> | null | undefined
  let ui: NudgeUi | undefined

  const withUi = (task: (ui: NudgeUi) => void) => {
    loading ??= chunks.nudge().then((chunk) => {
      ui = chunk.createNudgeUi(bridge)
    })
    if (ui) attempt(() => task(ui!))
    else
      loading.then(
        () => attempt(() => task(ui!)),
        () => {
          loading = null
        },
      )
  }
  const prefetch = () => {
    if (enabled && bridge.person().prefetch)
      (window.requestIdleCallback ?? setTimeout)(guard(() => withUi(() => {})))
  }
  return {
    _happened: (cause) => {
      const { rules } = bridge.person()
      // Whether its condition holds is the chunk’s matter; without a rule on this event it need not be there.
      if (enabled && rules?.rules.some(({ on }) => on === 'any' || 'page' in on || on.event === cause.event))
        withUi((drawn) => drawn.happened(cause))
    },
    _answered: ({ nudges }, events, networkMs) => {
      attempt(prefetch)
      if (!enabled || !nudges?.[0]) return
      const cause = events.find((event) => nudges.some((nudge) => nudge.cause === event.messageId))
      withUi((drawn) => drawn.offer({ nudges, cause, networkMs }))
    },
    _prefetch: prefetch,
    _withUi: withUi,
    _ui: () => ui,
  }
}
