import type { CollectAnswer, NudgeInstance } from '../shared/collect.ts'
import { localCandidates } from './local-rules.ts'
import type { Bridge, Chunks, NudgeUi, Offer } from './nudge-bridge.ts'
import type { Person } from './person.ts'
import type { SdkEvent } from './types.ts'

/** The core’s half of nudging: decide by local rules, take the server’s decisions, fetch the chunk that draws. */
export interface Nudging {
  /** Something happened: which local rules does it trigger? */
  _decide(event: SdkEvent, startedAt: number): void
  _answered(answer: CollectAnswer, startedAtOf: (id: string) => number | undefined, networkMs: number): void
  /** The next page will likely need the chunk. */
  _prefetch(): void
  _withUi(task: (ui: NudgeUi) => void): void
  /** Only when the chunk is there already. */
  _ifUi(task: (ui: NudgeUi) => void): void
  _list(): NudgeInstance[]
  _known(id: string): NudgeInstance | undefined
  _clear(forget: boolean): void
}

const whenIdle = (task: () => void) =>
  'requestIdleCallback' in window ? requestIdleCallback(task, { timeout: 2000 }) : setTimeout(task, 200)

export function createNudging(person: Person, bridge: Bridge, chunks: Chunks, enabled: boolean): Nudging {
  let loading: Promise<NudgeUi | undefined> | undefined
  let ui: NudgeUi | undefined
  const known = new Map<string, NudgeInstance>()

  const load = () => {
    loading ??= chunks.nudge().then(
      (chunk) => {
        ui = chunk.createNudgeUi(bridge)
        return ui
      },
      () => {
        loading = undefined
        bridge.emit('debug', { what: 'nudge chunk could not be loaded' })
        return undefined
      },
    )
    return loading
  }
  const withUi = (task: (ui: NudgeUi) => void) => {
    if (ui) task(ui)
    else
      load()
        .then((loaded) => loaded && task(loaded))
        .catch(() => {})
  }
  const offer = (it: Offer) => {
    for (const { nudge } of it.candidates) known.set(nudge.id, nudge)
    if (it.candidates.length) withUi((drawn) => drawn.offer(it))
  }
  const prefetch = () => {
    if (enabled && person._now.live) whenIdle(() => void load())
  }
  return {
    _decide: (event, startedAt) => {
      const { rules, trial, traits = {}, userId } = person._now
      if (!enabled || !rules || !trial) return
      const candidates = localCandidates(
        {
          rules,
          trial,
          traits,
          since: bridge.since,
          now: bridge.now(),
          subject: userId ?? person._anonymousId(),
        },
        {
          event: event.type === 'track' ? (event.event ?? null) : null,
          path: event.type === 'page' ? location.pathname : null,
        },
      )
      offer({ candidates, startedAt, networkMs: 0, decided: 'local' })
    },
    _answered: ({ nudges, prefetch: live }, startedAtOf, networkMs) => {
      if (live !== undefined) person._patch({ live })
      prefetch()
      if (!enabled || !nudges?.length) return
      offer({
        // The server has sorted them: the first is the most specific.
        candidates: nudges.map((nudge, index) => ({ nudge, specificity: -index, heldOut: false })),
        startedAt: startedAtOf(nudges.find(({ cause }) => cause)?.cause ?? ''),
        networkMs,
        decided: 'server',
      })
    },
    _prefetch: prefetch,
    _withUi: withUi,
    _ifUi: (task) => ui && task(ui),
    _list: () => ui?.list() ?? [],
    _known: (id) => known.get(id),
    _clear: (forget) => {
      known.clear()
      ui?.clear(forget)
    },
  }
}
