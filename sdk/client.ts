import type { CollectAnswer } from '../shared/collect.ts'
import { hashShare } from '../shared/nudge-rule.ts'
import { attempt, listen } from './guard.ts'
import { daysLeft } from './local-rules.ts'
import type { Bridge, Chunks } from './nudge-bridge.ts'
import { createNudging } from './nudging.ts'
import { isBot, pageFacts, watchPages } from './page.ts'
import { createPerson, type Remembered } from './person.ts'
import { createQueue } from './queue.ts'
import { batchBytes, createSender } from './sender.ts'
import type { SignalBus } from './signals.ts'
import { createStore } from './storage.ts'
import { createTransport } from './transport.ts'
import type { ConsentState, Options, Plugin, Properties, SdkEvent, TrialState } from './types.ts'
import { uuid7 } from './uuid.ts'

declare const __VERSION__: string

const idleBatchMs = 250
const defaultCaps = { perSession: 3, perDay: 3, perWeek: 8, gapMs: 60_000 }

function initialConsent(key: string, options: Options): ConsentState {
  const before = attempt(() => (JSON.parse(localStorage.getItem(key) ?? '{}') as Remembered).consent)
  if (options.consent) return options.consent === 'pending' && before ? before : options.consent
  const signals = navigator as { globalPrivacyControl?: boolean; doNotTrack?: string | null }
  const refused =
    (options.gpc !== false && signals.globalPrivacyControl) || (options.dnt && signals.doNotTrack === '1')
  return refused && !before ? 'denied' : 'granted'
}

/** What every part of the running SDK needs. */
export interface Client {
  _person: ReturnType<typeof createPerson>
  _plugins: Plugin[]
  _nudging: ReturnType<typeof createNudging>
  _event(
    type: SdkEvent['type'],
    fields: Partial<SdkEvent>,
    options?: { timestamp?: string | Date | undefined },
    callback?: () => void,
  ): void
  _flush(): Promise<void>
  _consent(state: ConsentState): void
  /** Another person from here on; what is queued still belongs to the former one. */
  _forget(): void
  _trial(): TrialState | null
  _bridge: Bridge
}

/** The running SDK: one per page, made by `load`. @param at when the call that is being carried out was made. */
export function createClient(
  writeKey: string,
  host: string,
  options: Options,
  chunks: Chunks,
  { on, emit }: SignalBus,
  at: () => number,
): Client {
  const key = `tp.${writeKey}`
  const plugins: Plugin[] = [...(options.plugins ?? [])]
  /** performance.now() of the calls whose answers may bring a nudge. */
  const starts = new Map<string, number>()
  const callbacks = new Map<string, () => void>()
  const bot = !options.bots && isBot()
  let consent = initialConsent(key, options)
  let clockOffset = 0
  /** Raised when the person changes: answers about the former one are void. */
  let generation = 0
  const generations = new WeakMap<readonly SdkEvent[], number>()

  const store = createStore(() =>
    consent === 'granted' && options.storage !== 'memory' ? window.localStorage : null,
  )
  const person = createPerson(store, key)
  const queue = createQueue({
    _store: store,
    _prefix: `${key}.q.`,
    _tab: uuid7(Date.now()),
    _locks: () => attempt(() => navigator.locks),
    _now: Date.now,
    _onAdopted: () => setTimeout(() => sender._soon(0)),
  })
  const locale = () => options.locale || document.documentElement.lang || navigator.language || 'en'
  const transport = createTransport(writeKey, host, options, () => ({
    rulesEtag: person._now.rules?.etag,
    locale: locale(),
    known: !!person._now.userId,
  }))
  const sender = createSender({
    _queue: queue,
    _post: (events, bytes) => {
      generations.set(events, generation)
      return transport._post(events, bytes)
    },
    _onTaken: (events) => {
      for (const { messageId } of events) {
        const callback = callbacks.get(messageId)
        callbacks.delete(messageId)
        if (callback) attempt(callback)
      }
    },
    _onAnswer: onAnswer,
    _mayRun: () => consent === 'granted' && navigator.onLine !== false,
    _now: Date.now,
    _random: Math.random,
    _setTimer: (task, delayMs) => setTimeout(task, delayMs),
    _clearTimer: (timer) => clearTimeout(timer as number),
  })
  const now = () => Date.now() + clockOffset
  const trial = (): TrialState | null => {
    const known = person._now.trial
    return known ? { ...known, daysLeft: daysLeft(known, now()) } : null
  }
  const bridge: Bridge = {
    report: (name, properties) => event('track', { event: name, properties }),
    emit,
    on,
    now,
    trial,
    since: (name) => queue._all().filter((it) => it.type === 'track' && it.event === name).length,
    caps: () => person._now.rules?.caps ?? defaultCaps,
    recall: () => store._get(`${key}.n`),
    remember: (text) => void store._set(`${key}.n`, text),
    memoryKey: `${key}.n`,
    locale,
    nonce: options.nonce,
    host,
  }
  const nudging = createNudging(person, bridge, chunks, options.nudges !== false && !bot)

  function onAnswer(answer: CollectAnswer, events: readonly SdkEvent[], requestMs: number) {
    clockOffset = answer.now - Date.now()
    for (const rejected of answer.rejected) emit('debug', { what: 'rejected', detail: rejected })
    emit('debug', { what: 'answer', detail: answer })
    if (generations.get(events) !== generation) return
    const rules = answer.rules as Remembered['rules']
    if (rules || answer.trial)
      person._patch({ ...(rules && { rules }), ...(answer.trial && { trial: answer.trial }) })
    const state = trial()
    if (answer.trial && state) emit('trial', state)
    nudging._answered(answer, (id) => starts.get(id), requestMs)
    for (const { messageId } of events) starts.delete(messageId)
  }

  function event(
    type: SdkEvent['type'],
    fields: Partial<SdkEvent>,
    { timestamp }: { timestamp?: string | Date | undefined } = {},
    callback?: () => void,
  ): void {
    if (consent === 'denied' || bot || hashShare(person._anonymousId()) >= (options.sample ?? 1)) return
    const called = at()
    const started = (attempt(() => performance.now()) ?? 0) - (Date.now() - called)
    const draft: SdkEvent = {
      type,
      messageId: uuid7(called),
      timestamp: new Date(timestamp ?? called).toISOString(),
      anonymousId: person._anonymousId(),
      userId: person._now.userId as string,
      ...fields,
      context: contextOf(locale()),
    }
    // A copy: the page may change what it handed over, and what JSON cannot say must not break the whole batch.
    let made: SdkEvent = JSON.parse(JSON.stringify(draft))
    for (const plugin of plugins) {
      const changed = attempt(() => plugin(made))
      if (changed === null) return void emit('debug', { what: 'dropped by a plugin', detail: made })
      made = changed ?? made
    }
    if (callback) callbacks.set(made.messageId, callback)
    starts.set(made.messageId, started)
    if (starts.size > 100) starts.delete(starts.keys().next().value!)
    queue._add(made)
    emit('track', made)
    const own = made.event?.startsWith('Nudge ')
    sender._soon(type === 'identify' || isUrgent(made) ? 0 : idleBatchMs)
    if (!own) nudging._decide(made, started)
  }
  const isUrgent = ({ event: name = '' }: SdkEvent) =>
    !person._now.rules || person._now.rules.urgent.includes(name)

  const forget = () => {
    void sender._flush()
    generation++
    transport._forgetToken()
    starts.clear()
    person._now = { consent: person._now.consent }
    person._patch({})
    nudging._clear(true)
  }
  const setConsent = (state: ConsentState) => {
    if (state === consent) return
    consent = state
    if (state === 'denied') {
      generation++
      queue._clear()
      nudging._clear(true)
      consent = 'granted'
      store._clear(key)
      consent = state
      person._now = {}
    }
    if (state === 'granted') {
      const before = person._now
      const disk = attempt(() => JSON.parse(localStorage.getItem(key) ?? '{}') as Remembered) ?? {}
      person._patch({
        ...disk,
        ...before,
        anonymousId: disk.anonymousId ?? before.anonymousId,
        consent: 'granted',
      })
      store._persist()
      for (const waiting of queue._all()) waiting.anonymousId = person._anonymousId()
      queue._return()
      void sender._flush()
    }
  }
  const leave = () => {
    if (consent === 'granted') {
      const { _events } = queue._take(batchBytes)
      if (_events.length) transport._beacon(_events)
    }
    queue._leave()
  }
  listen(window, 'pagehide', leave)
  listen(window, 'pageshow', (shown) => {
    if (!(shown as PageTransitionEvent).persisted) return
    queue._return()
    sender._retryNow()
  })
  listen(document, 'visibilitychange', () => {
    if (document.visibilityState === 'hidden') void sender._flush()
  })
  listen(window, 'online', sender._retryNow)
  listen(window, 'storage', (change) => {
    const changed = (change as StorageEvent).key ?? ''
    if (changed === key) person._reload()
    queue._noticed(changed)
  })
  if (options.pages !== false && !bot) {
    const page = (referrer: string) => event('page', { properties: pageFacts(referrer) })
    watchPages(page)
    attempt(() => page(document.referrer))
  }
  if (queue._all().length) sender._soon(0)
  nudging._prefetch()

  return {
    _person: person,
    _plugins: plugins,
    _nudging: nudging,
    _event: event,
    _flush: sender._flush,
    _consent: setConsent,
    _forget: forget,
    _trial: trial,
    _bridge: bridge,
  }
}

const contextOf = (locale: string): Properties => ({
  library: { name: 'trialpace', version: __VERSION__ },
  page: pageFacts(document.referrer),
  locale,
  timezone: attempt(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
})
