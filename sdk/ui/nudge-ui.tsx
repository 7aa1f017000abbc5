import { attempt, guard, listen } from '../guard.ts'
import type { Bridge, NudgeUi, Offer } from '../nudge-bridge.ts'
import {
  byUrgency,
  emptyMemory,
  historyOf,
  isAmbient,
  isInterruptive,
  mayShow,
  type NudgeMemory,
  remembered,
  touched,
} from '../nudge-policy.ts'
import type { NudgeInstance } from '../types.ts'
import { type OpenNudge, openNudge } from './open-nudge.tsx'
import { holdScreen } from './screen-lock.ts'
import { findAnchor } from './stage.ts'

interface Waiting {
  nudge: NudgeInstance
  specificity: number
  heldOut: boolean
  offeredAt: number
  offer: Offer
}

/** Is the person in the middle of typing? Looks through shadow roots. */
function isTyping(): boolean {
  let focused = document.activeElement
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
  return (
    !!focused &&
    (focused.matches(
      'input:not([type=button],[type=submit],[type=checkbox],[type=radio],[type=reset]),textarea,select',
    ) ||
      (focused as HTMLElement).isContentEditable)
  )
}

/** Draws nudges with manners; made once, when the first one is near. */
export function createNudgeUi(bridge: Bridge): NudgeUi {
  const waiting = new Map<string, Waiting>()
  const open = new Map<string, OpenNudge>()
  let memory: NudgeMemory = emptyMemory()
  let erredAt = 0
  let releaseScreen: (() => void) | undefined
  let claiming = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const recall = () => {
    memory = {
      ...emptyMemory(),
      ...(attempt(() => JSON.parse(bridge.recall() ?? '{}') as NudgeMemory) ?? {}),
    }
  }
  const remember = (next: NudgeMemory) => {
    memory = next
    bridge.remember(JSON.stringify(next))
  }
  const note = (nudge: NudgeInstance, what: Parameters<typeof remembered>[2], snoozeMs?: number) => {
    recall()
    remember(remembered(memory, nudge, what, bridge.now(), snoozeMs))
  }
  const sceneFor = (nudge: NudgeInstance) => ({
    now: bridge.now(),
    busy: claiming || [...open.values()].some((it) => isInterruptive(it.nudge)),
    typing: isTyping(),
    hidden: document.visibilityState === 'hidden',
    converted: bridge.trial()?.status === 'converted',
    erredAt,
    anchorFound: !!findAnchor(nudge),
  })
  const verdictOf = (it: Waiting) =>
    mayShow(it.nudge, memory, bridge.caps(), sceneFor(it.nudge), it.offeredAt)

  const wakeIn = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(guard(consider), Math.min(ms, 2 ** 31 - 1))
  }
  const close = (id: string) => {
    const it = open.get(id)
    if (!it) return
    open.delete(id)
    it.close()
    if (isInterruptive(it.nudge)) releaseScreen?.()
    wakeIn(0)
  }
  const end = (id: string, what: 'clicked' | 'dismissed' | 'snoozed', snoozeMs?: number, answer?: string) => {
    const it = open.get(id)
    if (!it) return
    const { nudge } = it
    const verb = { clicked: 'Clicked', dismissed: 'Dismissed', snoozed: 'Snoozed' } as const
    note(nudge, what, snoozeMs)
    bridge.report(`Nudge ${verb[what]}`, {
      nudge_id: id,
      format: nudge.format,
      ...(what === 'snoozed' && { snooze_ms: snoozeMs ?? nudge.snoozeMs }),
      ...(answer !== undefined && { answer, answer_index: nudge.answers.indexOf(answer) }),
    })
    const signal = { clicked: 'nudge:click', dismissed: 'nudge:dismiss', snoozed: 'nudge:snooze' } as const
    bridge.emit(signal[what], { nudge, ...(answer !== undefined && { answer }) })
    // What is part of the page stays when its link was followed.
    if (what !== 'clicked' || !isAmbient(nudge)) close(id)
  }
  const seen = (it: Waiting, paintedAt: number) => {
    const { startedAt, networkMs, decided } = it.offer
    const latencyMs = startedAt === undefined ? undefined : Math.round(paintedAt - startedAt)
    const first = !isAmbient(it.nudge) || historyOf(memory, it.nudge.id).shown === 0
    if (first || memory.session.lastAt === memory.session.startedAt) {
      bridge.report('Nudge Shown', {
        nudge_id: it.nudge.id,
        format: it.nudge.format,
        decided,
        ...(latencyMs !== undefined && { latency_ms: latencyMs, network_ms: Math.round(networkMs) }),
        segment: bridge.trial()?.segment,
      })
    }
    bridge.emit('nudge:show', { nudge: it.nudge, latencyMs })
  }
  const present = (it: Waiting) => {
    const { nudge } = it
    waiting.delete(nudge.id)
    if (it.heldOut) {
      if (!historyOf(memory, nudge.id).heldOut)
        bridge.report('Nudge Held Out', { nudge_id: nudge.id, format: nudge.format })
      note(nudge, 'heldOut')
      return
    }
    open.set(
      nudge.id,
      openNudge(nudge, bridge, {
        painted: (at) => {
          seen(it, at)
          note(nudge, 'shown')
        },
        end: (what, answer) => end(nudge.id, what, undefined, answer),
        gone: () => close(nudge.id),
      }),
    )
  }
  /** One tab at a time may ask for attention. */
  const claim = (it: Waiting) => {
    claiming = true
    holdScreen(`${bridge.memoryKey}.screen`, (release) => {
      claiming = false
      if (!release) return wakeIn(5000)
      recall()
      const verdict = waiting.get(it.nudge.id) === it ? verdictOf(it) : { show: false }
      if (!verdict.show) {
        release()
        return wakeIn(0)
      }
      releaseScreen = release
      attempt(() => present(it))
      if (!open.has(it.nudge.id)) release()
    })
  }
  function consider() {
    recall()
    let next = Number.POSITIVE_INFINITY
    for (const it of [...waiting.values()].sort(byUrgency)) {
      const { id } = it.nudge
      const verdict = verdictOf(it)
      if (verdict.show) {
        if (isInterruptive(it.nudge) && !it.heldOut) claim(it)
        else attempt(() => present(it))
        continue
      }
      bridge.emit('debug', { what: `nudge ${id}: ${verdict.why}` })
      if (verdict.when === 'never') waiting.delete(id)
      else if (verdict.at) next = Math.min(next, verdict.at)
    }
    if (Number.isFinite(next)) wakeIn(next - bridge.now() + 10)
  }
  const redraw = () => {
    if (bridge.trial()?.status === 'converted') [...open.keys()].forEach(close)
    for (const it of open.values()) it.redraw()
  }
  const sync = () => {
    recall()
    for (const { nudge } of [...open.values()]) {
      const { dismissed, snoozedUntil } = historyOf(memory, nudge.id)
      if (dismissed >= 2 || snoozedUntil > bridge.now()) close(nudge.id)
    }
    consider()
  }
  const reconsider = () => {
    if (waiting.size) wakeIn(50)
  }
  recall()
  remember(touched(memory, bridge.now()))
  bridge.on('trial', redraw)
  bridge.on('track', () => {
    for (const it of open.values()) it.redraw()
  })
  listen(window, 'error', () => {
    erredAt = bridge.now()
  })
  listen(window, 'storage', (change) => {
    if ((change as StorageEvent).key === bridge.memoryKey) sync()
  })
  listen(document, 'visibilitychange', reconsider)
  listen(document, 'focusout', reconsider, true)
  attempt(() => {
    let quiet = false
    new MutationObserver(() => {
      if (quiet) return
      quiet = true
      setTimeout(
        guard(() => {
          quiet = false
          for (const it of open.values()) it.ensure()
          if ([...waiting.values()].some((it) => it.nudge.anchor)) consider()
        }),
        200,
      )
    }).observe(document.documentElement, { childList: true, subtree: true })
  })

  return {
    offer: (offer) => {
      const offeredAt = bridge.now()
      for (const candidate of offer.candidates) {
        const { id } = candidate.nudge
        if (open.has(id)) open.get(id)!.redraw(candidate.nudge)
        else waiting.set(id, { offeredAt, offer, ...candidate })
      }
      consider()
    },
    list: () => [...open.values()].map((it) => it.nudge),
    show: (nudge) => {
      if (open.has(nudge.id)) return
      const offer: Offer = { candidates: [], startedAt: undefined, networkMs: 0, decided: 'local' }
      present({ nudge, specificity: 0, heldOut: false, offeredAt: bridge.now(), offer })
    },
    preview: (nudge) => {
      const shut = () => shown.close()
      const shown = openNudge(nudge, bridge, { painted: () => {}, end: shut, gone: shut }, true)
    },
    dismiss: (id) => end(id, 'dismissed'),
    snooze: (id, ms) => end(id, 'snoozed', ms),
    clear: (forget) => {
      waiting.clear()
      ;[...open.keys()].forEach(close)
      if (forget) {
        bridge.remember(null)
        memory = emptyMemory()
      }
    },
  }
}
