/*
 * All that the package `@trialpace/sdk` declares, so it imports nothing; a test holds what is also in the collect
 * API equal to it.
 */

export type Properties = Record<string, unknown>
export type ConsentState = 'pending' | 'granted' | 'denied'

/** A Segment-spec message as it leaves the page; plugins may change or drop it. */
export interface SdkEvent {
  type: 'track' | 'identify' | 'page' | 'group' | 'alias'
  messageId: string
  /** ISO 8601, the moment of the call, not of the sending. */
  timestamp: string
  anonymousId: string
  userId?: string
  event?: string
  name?: string
  category?: string
  groupId?: string
  previousId?: string
  properties?: Properties
  traits?: Properties
  context: Properties
}

/** Returns the event (changed or not) or null to drop it; nothing keeps it as it is. */
export type Plugin = (event: SdkEvent) => SdkEvent | null | undefined

/** What is known of a trial. */
export interface TrialSnapshot {
  status: 'anonymous' | 'trialing' | 'ended' | 'converted'
  segment: 'opportunist' | 'unqualified' | 'unaware' | 'exploring' | 'activated'
  /** ISO 8601; null for a trial without end. */
  endsAt: string | null
  milestones: {
    name: string
    count: number
    threshold: number
    reached: boolean
    event?: string | undefined
    hint?: string | undefined
    url?: string | undefined
    label?: string | undefined
  }[]
  /** By the names of the playbook’s formulas. */
  values: Record<string, number>
  /** How often events happened that nudge rules ask for. */
  counts: Record<string, number>
}

/** A nudge with its texts in the person’s language. */
export interface NudgeInstance {
  id: string
  format:
    | 'banner'
    | 'modal'
    | 'slideout'
    | 'tooltip'
    | 'inline'
    | 'checklist'
    | 'usage_meter'
    | 'countdown'
    | 'upgrade_wall'
    | 'survey'
  title: string
  body: string
  action: { label: string; url: string } | null
  dismiss: string
  question: string | null
  answers: string[]
  /** CSS selector of the element it belongs to. */
  anchor: string | null
  meter: { used: number; limit: number; unit: string; event?: string | undefined } | null
  priority: number
  maxShows: number
  snoozeMs: number
  locale: string
  dir: 'ltr' | 'rtl'
  /** `messageId` of the event that earned it. */
  cause: string | null
  heldOut?: boolean | undefined
  /** Custom properties of its brand, for the element that holds it. */
  theme?: string | undefined
}

export interface Options {
  /** Origin (and path) that collects, e.g. `https://trials.example.com`. Default: where the script came from. */
  host?: string | undefined
  /** Before `granted` nothing is stored or sent. Default `granted`, or `denied` under GPC (and DNT when asked). */
  consent?: ConsentState | undefined
  /** Obey Global Privacy Control. Default true. */
  gpc?: boolean | undefined
  /** Obey Do Not Track. Default false. */
  dnt?: boolean | undefined
  /** Count page views, of single-page apps too. Default true. */
  pages?: boolean | undefined
  /** Where identity and unsent events live. Default `local`. */
  storage?: 'local' | 'memory' | undefined
  /** Track automated browsers too. Default false, except on localhost. */
  bots?: boolean | undefined
  /** Share of visitors that are tracked, chosen by a hash of the anonymous id. Default 1. */
  sample?: number | undefined
  /** Show nudges. Default true. */
  nudges?: boolean | undefined
  /** A JWT that proves who the user is; called again shortly before the last one expires. */
  identity?: (() => string | Promise<string>) | undefined
  /** BCP 47. Default: `<html lang>`, else the browser's. */
  locale?: string | undefined
  /** For browsers without constructable style sheets under a strict CSP. */
  nonce?: string | undefined
  plugins?: Plugin[] | undefined
}

export interface TrialState extends TrialSnapshot {
  /** Whole and part days left before the current end, by the server's clock; null without an end. */
  daysLeft: number | null
}

export interface NudgeReport {
  nudge: NudgeInstance
  /** Milliseconds from the event that earned it to its first paint. */
  latencyMs?: number | undefined
  answer?: string | undefined
}

/** What `on` reports. */
export interface Signals {
  track: SdkEvent
  trial: TrialState
  /** Another person, or no one: what you show of the former one’s trial is void. */
  reset: undefined
  'nudge:show': NudgeReport
  'nudge:click': NudgeReport
  'nudge:dismiss': NudgeReport
  'nudge:snooze': NudgeReport
  /** Why something was not sent or not shown; for the debug overlay. */
  debug: { what: string; detail?: unknown }
}

/** Event name → properties; the default takes any name with any properties. An `interface` will do too. */
export type EventMap = object

/** Any event with any properties. */
export type AnyEvent = Record<string, object | undefined>

export interface User {
  id(): string | null
  anonymousId(): string | null
  traits(): Properties
}

export interface NudgeControl {
  /** Nudges on screen. */
  list(): NudgeInstance[]
  /** Shows one that is known, whatever the caps say. */
  show(id: string): void
  dismiss(id: string): void
  snooze(id: string, ms?: number): void
  /** Shows the nudge of a signed preview link; nothing is counted. */
  preview(token: string): void
}

export interface Trialpace<Events extends EventMap = AnyEvent> {
  /** Of the SDK. */
  readonly version: string
  /** Starts once; later calls change nothing. */
  load(writeKey: string, options?: Options): void
  /** @param callback called once the server has taken the event. */
  track<Name extends keyof Events & string>(
    event: Name,
    properties?: Events[Name],
    options?: { timestamp?: string | number | Date },
    callback?: () => void,
  ): void
  /** Null or undefined: the same person as before, with these traits. */
  identify(userId: string | number | null | undefined, traits?: object): void
  identify(traits: object): void
  page(name?: string, properties?: object): void
  page(category: string, name: string, properties?: object): void
  group(groupId: string | number, traits?: object): void
  /** This id and the former one (the current one, unless you say another) are one person from here on. */
  alias(userId: string | number, previousId?: string | number): void
  /** Forgets the person: new anonymous id, nothing on screen, signal `reset`. */
  reset(): void
  ready(callback: () => void): void
  /** @returns a function that ends the subscription. */
  on<Name extends keyof Signals>(name: Name, callback: (detail: Signals[Name]) => void): () => void
  use(plugin: Plugin): void
  user(): User
  setAnonymousId(id: string): void
  /** Resolves when all that was queued has been sent or has failed once; never rejects. */
  flush(): Promise<void>
  debug(on?: boolean): void
  consent(state: ConsentState): void
  /** What is known of the person's trial; `on('trial', …)` tells when it changes. */
  trial(): TrialState | null
  nudges: NudgeControl
}
