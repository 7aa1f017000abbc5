import type { Remembered } from './person.ts'
import type { NudgeInstance, Options, SdkEvent, Signals, TrialState } from './types.ts'

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
  person(): Remembered
  trial(): TrialState | undefined
  /** How often an event was tracked since the last answer. */
  since(event: string): number
  /** What the storage keeps under `key`, shared by all tabs of the origin. */
  get(key: string): string | null
  /** Writes it as JSON. */
  set(key: string, value: object): void
  key: string
  locale(): string
  options: Options
  host: string
  debugChunk(): Promise<DebugChunk>
}

/** What the server decided. */
interface Offer {
  nudges: NudgeInstance[]
  /** The event that earned them; undefined for answers to older events. */
  cause: SdkEvent | undefined
  /** Share of the time that the request took. */
  networkMs: number
}

export interface NudgeUi {
  offer(offer: Offer): void
  /** Shows what local rules make of it. */
  happened(event: SdkEvent): void
  list(): NudgeInstance[]
  /** Shows one that was offered in this page, whatever the caps say. */
  show(id: string): void
  dismiss(id: string): void
  snooze(id: string, ms?: number): void
  /** Takes everything off the screen, and forgets what was offered. */
  clear(): void
  /** Shows the nudge of a signed link to the team itself: nothing is remembered or reported. */
  preview(token: string): void
  debug(on?: boolean): void
}

interface NudgeChunk {
  createNudgeUi(bridge: Bridge): NudgeUi
}

interface DebugChunk {
  openOverlay(bridge: Bridge): void
  fetchPreview(bridge: Bridge, token: string): Promise<NudgeInstance | null>
}

export interface Chunks {
  nudge(): Promise<NudgeChunk>
  debug(): Promise<DebugChunk>
}
