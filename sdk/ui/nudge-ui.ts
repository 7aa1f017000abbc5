import { isHeldOut } from '../../shared/nudge-rule.ts'
import { attempt, guard, listen } from '../guard.ts'
import { factsOf, matchingRules, specificityOf } from '../local-rules.ts'
import type { Bridge, NudgeUi } from '../nudge-bridge.ts'
import { byUrgency, isAmbient, isInterruptive, mayShow, type Verdict, type Waiting } from '../nudge-policy.ts'
import type { NudgeInstance, SdkEvent } from '../types.ts'
import { createMemory } from './memory.ts'
import { type OpenNudge, openNudge } from './open-nudge.ts'
import { isCovered, isTyping, watchElements } from './page-state.ts'
import { holdScreen } from './screen-lock.ts'
import { findAnchor } from './stage.ts'
import type { Ending } from './view.ts'

const screenRetryMs = 5000
const beatMs = 1000
const defaultCaps = { perSession: 3, perDay: 3, perWeek: 8, gapMs: 60_000 }

const bag = <T>(): Record<string, T> => Object.create(null)

/** The time of the call is in the event’s UUIDv7, whatever the page put into its timestamp. */
const calledAt = ({ messageId }: SdkEvent): number =>
  Number.parseInt(messageId.replace('-', '').slice(0, 12), 16)

/** Decides what may be shown when, and shows it; made once, when the first nudge is near. */
export function createNudgeUi(bridge: Bridge): NudgeUi {
  const memory = createMemory(bridge)
  // No Map: pages of old put their own there.
  let known = bag<NudgeInstance>()
  let waiting = bag<Waiting>()
  const open = bag<OpenNudge>()
  /** Shown or held out since the page was loaded: what is part of the page is reported once. */
  const reported = bag<boolean>()
  let erredAt = 0
  let isClaiming = false
  let leaveScreen = () => {}
  let timer: ReturnType<typeof setTimeout> | undefined
  let beat: ReturnType<typeof setInterval> | undefined

  const verdictOf = (it: Waiting): Verdict => {
    const { retryAt = 0 } = it
    if (retryAt > bridge.now()) return { show: false, why: 'it could not be seen', at: retryAt }
    return mayShow(it.nudge, memory.read(), bridge.person().rules?.caps ?? defaultCaps, it.offeredAt, {
      now: bridge.now(),
      busy: isClaiming || Object.values(open).some(({ nudge }) => isInterruptive(nudge)),
      typing: isTyping(),
      hidden: document.hidden,
      covered: isCovered(),
      converted: bridge.trial()?.status === 'converted',
      erredAt,
      anchorFound: !!findAnchor(it.nudge),
    })
  }
  /** What stays on the screen follows the page: its looks, its layout, its time. */
  const ensure = () => {
    for (const it of Object.values(open)) it.ensure()
    if (!Object.keys(open)[0]) beat = clearInterval(beat) as undefined
  }
  const wakeIn = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(guard(consider), Math.min(ms, 2 ** 31 - 1))
  }
  const report = (what: Ending | 'Shown' | 'Held Out', { id, format }: NudgeInstance, more: object = {}) =>
    bridge.report(`Nudge ${what}`, {
      nudge_id: id,
      format,
      segment: bridge.trial()?.segment,
      ...more,
    })
  const close = (id: string) => {
    const it = open[id]
    if (!it) return
    delete open[id]
    it.close()
    if (isInterruptive(it.nudge)) leaveScreen()
    wakeIn(0)
  }
  const end = (id: string, how: Ending, answer?: string, snoozeMs?: number) => {
    const nudge = open[id]?.nudge
    if (!nudge) return
    memory.note(nudge, how, snoozeMs)
    report(how, nudge, {
      snooze_ms: how === 'Snoozed' ? (snoozeMs ?? nudge.snoozeMs) : undefined,
      answer,
    })
    const signals = { Clicked: 'nudge:click', Dismissed: 'nudge:dismiss', Snoozed: 'nudge:snooze' } as const
    bridge.emit(signals[how], { nudge, answer })
    // What is part of the page stays when its link was followed.
    if (how !== 'Clicked' || !isAmbient(nudge)) close(id)
  }
  const present = (it: Waiting) => {
    const { nudge } = it
    const { id } = nudge
    delete waiting[id]
    const isFirst = !isAmbient(nudge) || !reported[id]
    if (it.heldOut) {
      reported[id] = true
      if (isFirst) report('Held Out', nudge)
      return memory.note(nudge, 'Held Out')
    }
    const painted = () => {
      const latencyMs = it.cause && Math.max(0, Date.now() - calledAt(it.cause))
      bridge.emit('nudge:show', { nudge, latencyMs })
      if (isFirst)
        report('Shown', nudge, { latency_ms: latencyMs, network_ms: it.networkMs, decided: it.decided })
    }
    const told = {
      painted,
      end: (how: Ending, answer?: string) => end(id, how, answer),
      gone: () => close(id),
    }
    const shown = openNudge(nudge, bridge, told)
    if (!shown) {
      it.retryAt = bridge.now() + screenRetryMs
      waiting[id] = it
      return
    }
    reported[id] = true
    open[id] = shown
    beat ??= setInterval(guard(ensure), beatMs)
    // Counted before it is painted: what is considered in the same breath must know of it.
    memory.note(nudge, 'Shown')
  }
  /** One tab at a time may ask for attention; by the time it is our turn the scene may have changed. */
  const claim = (it: Waiting) => {
    isClaiming = true
    holdScreen(`${memory.key}.screen`, (release) => {
      isClaiming = false
      if (!release) return wakeIn(screenRetryMs)
      leaveScreen = release
      if (waiting[it.nudge.id] === it && verdictOf(it).show) attempt(() => present(it))
      if (open[it.nudge.id]) return
      release()
      wakeIn(0)
    })
  }
  function consider() {
    let next = Number.POSITIVE_INFINITY
    for (const it of Object.values(waiting).sort(byUrgency)) {
      const { nudge } = it
      const verdict = verdictOf(it)
      if (verdict.show) {
        if (isInterruptive(nudge) && !it.heldOut) claim(it)
        else attempt(() => present(it))
        if (waiting[nudge.id]) next = Math.min(next, it.retryAt ?? next)
        continue
      }
      if (it.why !== verdict.why) bridge.emit('debug', { what: `${nudge.id}: ${verdict.why}` })
      it.why = verdict.why
      if (!verdict.at) delete waiting[nudge.id]
      else next = Math.min(next, verdict.at)
    }
    if (Object.keys(waiting)[0]) wakeIn(next - bridge.now() + 10)
  }
  const add = (it: Omit<Waiting, 'offeredAt'>) => {
    const { nudge } = it
    known[nudge.id] = nudge
    const shown = open[nudge.id]
    if (shown) shown.redraw(nudge)
    else waiting[nudge.id] = { offeredAt: bridge.now(), ...it }
  }
  const redraw = () => {
    const isOver = bridge.trial()?.status === 'converted'
    for (const [id, it] of Object.entries(open)) {
      if (isOver) close(id)
      else it.redraw()
    }
  }
  /** Another tab has shown, dismissed or snoozed something. */
  const sync = () => {
    for (const id of Object.keys(open)) {
      const { dismissed, snoozedUntil } = memory.historyOf(id)
      if (dismissed > 1 || snoozedUntil > bridge.now()) close(id)
    }
    consider()
  }
  const reconsider = () => {
    if (Object.keys(waiting)[0]) wakeIn(50)
  }
  memory.touch()
  bridge.on('trial', redraw)
  bridge.on('track', redraw)
  listen('error', (event) => {
    // Notices of the browser, and what scripts of other origins do, are no failure of the page.
    const { message } = event as ErrorEvent
    if (message && !/^(ResizeObserver loop|Script error)/.test(message)) erredAt = bridge.now()
  })
  listen('storage', (change) => {
    if ((change as StorageEvent).key === memory.key) sync()
  })
  for (const type of ['visibilitychange', 'focusout', 'focus', 'fullscreenchange', 'scroll'])
    listen(type, reconsider)
  attempt(() =>
    watchElements(200, () => {
      // Copies that a framework made of our element when it kept the page for later.
      for (const it of document.querySelectorAll('[data-trialpace]')) if (!it.shadowRoot) it.remove()
      ensure()
      if (Object.keys(waiting)[0]) consider()
    }),
  )
  return {
    offer: ({ nudges, cause, networkMs }) => {
      nudges.forEach((nudge, index) => {
        // The server has sorted them.
        add({ nudge, cause, networkMs, decided: 'server', heldOut: !!nudge.heldOut, specificity: -index })
      })
      consider()
    },
    happened: (cause) => {
      const { rules, trial, traits = {}, userId, anonymousId } = bridge.person()
      if (!rules || !trial) return
      const facts = factsOf(trial, traits, bridge.since, bridge.now())
      const happening = { event: cause.event ?? null, path: cause.type === 'page' ? location.pathname : null }
      for (const { nudge, when, holdoutShare = 0 } of matchingRules(rules, facts, happening)) {
        const heldOut = isHeldOut(nudge.id, userId ?? `${anonymousId}`, holdoutShare)
        add({ nudge, cause, networkMs: 0, decided: 'local', heldOut, specificity: specificityOf(when) })
      }
      consider()
    },
    list: () => Object.values(open).map(({ nudge }) => nudge),
    show: (id) => {
      const nudge = known[id]
      const rest = { cause: undefined, networkMs: 0, decided: 'api' as const, heldOut: false }
      if (nudge && !open[id]) present({ nudge, specificity: 0, offeredAt: 0, ...rest })
    },
    dismiss: (id) => end(id, 'Dismissed'),
    snooze: (id, ms) => end(id, 'Snoozed', undefined, ms),
    clear: () => {
      waiting = bag()
      known = bag()
      for (const id of Object.keys(open)) close(id)
    },
    preview: (token) => {
      const shut = () => shown?.close()
      let shown: OpenNudge | null
      bridge
        .debugChunk()
        .then((chunk) => chunk.fetchPreview(bridge, token))
        .then((nudge) => {
          if (nudge) shown = openNudge(nudge, bridge, { painted: () => {}, end: shut, gone: shut }, true)
        })
        .catch(() => {})
    },
    debug: (on = true) => {
      if (on)
        bridge
          .debugChunk()
          .then((chunk) => chunk.openOverlay(bridge))
          .catch(() => {})
    },
  }
}
