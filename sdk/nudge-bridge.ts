import type { Candidate } from './local-rules.ts'
import type { NudgeInstance, Signals, TrialState } from './types.ts'

/**
 * What core and nudge chunk know of each other. Both are minified apart, so no name here may begin with an
 * underscore (those are mangled).
 */
export interface Bridge {
  /** Reports an interaction; it never triggers a rule. */
  report(event: string, properties: Record<string, unknown>): void
  emit<Name extends keyof Signals>(name: Name, detail: Signals[Name]): void
  on<Name extends keyof Signals>(name: Name, callback: (detail: Signals[Name]) => void): () => void
  /** Server time, epoch milliseconds. */
  now(): number
  trial(): TrialState | null
  /** How often an event was tracked since the last answer. */
  since(event: string): number
  caps(): { perSession: number; perDay: number; perWeek: number; gapMs: number }
  /** What was shown and dismissed, shared by all tabs of the origin. */
  recall(): string | null
  remember(text: string | null): void
  memoryKey: string
  locale(): string
  nonce: string | undefined
  host: string
}

/** When and why nudges are offered. */
export interface Offer {
  candidates: Candidate[]
  /** `performance.now()` of the call that earned them; undefined for answers to older events. */
  startedAt: number | undefined
  /** Share of the time that the request took, 0 for local rules. */
  networkMs: number
  decided: 'local' | 'server'
}

export interface NudgeUi {
  offer(offer: Offer): void
  list(): NudgeInstance[]
  show(nudge: NudgeInstance): void
  /** Shows it to the team: nothing is remembered or reported. */
  preview(nudge: NudgeInstance): void
  dismiss(id: string): void
  snooze(id: string, ms?: number): void
  /** Takes everything off the screen; with `forget`, the memory too. */
  clear(forget: boolean): void
}

export interface NudgeChunk {
  createNudgeUi(bridge: Bridge): NudgeUi
}

export interface DebugChunk {
  openOverlay(bridge: Bridge): void
  previewNudge(bridge: Bridge, ui: NudgeUi, token: string): Promise<void>
}

export interface Chunks {
  nudge(): Promise<NudgeChunk>
  debug(): Promise<DebugChunk>
}
