import type { CollectAnswer } from '../shared/collect.ts'
import { initialConsent } from './consent.ts'
import { attempt } from './guard.ts'
import { createToken } from './identity-token.ts'
import type { Bridge, Chunks } from './nudge-bridge.ts'
import { createNudging, type Nudging } from './nudging.ts'
import { isBot, pageFacts, watchPages } from './page.ts'
import { followPage } from './page-life.ts'
import { createPerson, type Person } from './person.ts'
import { createQueue } from './queue.ts'
import { createSender } from './sender.ts'
import type { SignalBus } from './signals.ts'
import { createStore } from './storage.ts'
import type { ConsentState, Options, Plugin, Properties, SdkEvent, TrialState } from './types.ts'
import { uuid7 } from './uuid.ts'

declare const __VERSION__: string

const idleBatchMs = 250
const maxEventChars = 32_000
const dayMs = 86_400_000

/** The running SDK, as the calls of the public API see it. */
export interface Client {
  _person: Person
  _plugins: Plugin[]
  _nudging: Nudging
  _trial(): TrialState | undefined
  _event(type: SdkEvent['type'], fields: Partial<SdkEvent>, timestamp?: string | Date): void
  _flush(): Promise<void>
  _consent(state: ConsentState): void
  /** Another person from here on; what is queued still belongs to the former one. */
  _forget(): void
}

const contextOf = (locale: string): Properties => ({
  library: { name: 'trialpace', version: __VERSION__ },
  page: pageFacts(),
  locale,
  timezone: attempt(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
})

/** Visitors by the random end of their anonymous id: the same answer on each page. */
const isSampled = (anonymousId: string, share = 1): boolean =>
  !(Number.parseInt(anonymousId.slice(-6), 16) / 2 ** 24 >= share)

/**
 * Plugins see a copy: the page may change what it handed over, and what JSON cannot say must not break the whole batch.
 * @returns null when the event is too large or a plugin dropped it.
 */
function throughPlugins(plugins: readonly Plugin[], text: string): SdkEvent | null {
  let made: SdkEvent | null = text.length > maxEventChars ? null : JSON.parse(text)
  for (const plugin of plugins) {
    if (!made) break
    const changed = attempt(() => plugin(made!))
    if (changed !== undefined) made = changed
  }
  return made
}

/** @param at when the call that is being carried out was made, epoch milliseconds. */
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
  const nudges = options.nudges !== false
  const ignored = !options.bots && isBot()
  let consent = initialConsent(key, options)
  let clockOffset = 0

  const isGranted = () => consent === 'granted'
  const store = createStore(() => (isGranted() && options.storage !== 'memory' ? localStorage : null))
  const person = createPerson(store, key)
  const queue = createQueue(store, `${key}.q.`, uuid7(Date.now()), () => sender._soon(0))
  const token = createToken(options.identity)
  const locale = () => options.locale || document.documentElement.lang || navigator.language
  const sender = createSender({
    // One path and a body of text/plain: a request the browser may send without asking first (no preflight).
    _url: `${host}/v1/b`,
    _queue: queue,
    _body: (batch) =>
      JSON.stringify({
        writeKey,
        batch,
        sentAt: new Date(),
        nudges,
        rulesEtag: person._now.rules?.etag,
        locale: locale(),
        identityToken: token._now(),
      }),
    _prepare: () => (options.identity && person._now.userId ? token._renew() : null),
    _mayRun: () => isGranted() && navigator.onLine !== false,
    _onAnswer: onAnswer,
  })
  const now = () => Date.now() + clockOffset
  const trialState = (): TrialState | undefined => {
    const { trial } = person._now
    return (
      trial && {
        ...trial,
        daysLeft: trial.endsAt ? (Date.parse(trial.endsAt) - now()) / dayMs : null,
      }
    )
  }
  const bridge: Bridge = {
    report: (name, properties) => event('track', { event: name, properties }),
    emit,
    on,
    now,
    person: () => person._now,
    trial: trialState,
    since: (name) => queue._all().filter((it) => it.event === name).length,
    get: store._get,
    set: store._set,
    key,
    locale,
    options,
    host,
    debugChunk: chunks.debug,
  }
  const nudging = createNudging(bridge, chunks, nudges && !ignored)

  function onAnswer(answer: CollectAnswer, events: readonly SdkEvent[], requestMs: number) {
    clockOffset = answer.now - Date.now()
    emit('debug', { what: 'answer', detail: answer })
    if (answer.rejected.some(({ code }) => code === 'unverified_identity')) token._forget()
    // Another person has come since: what is said of the former one is void.
    if (events[0]?.anonymousId !== person._now.anonymousId) return
    const { rules, trial, prefetch } = answer
    person._patch({ rules: rules as never, trial, prefetch })
    const state = trialState()
    if (trial && state) emit('trial', state)
    // Settled before the chunk counts what is still under way.
    queue._settle(events, true)
    nudging._answered(answer, events, requestMs)
  }
  function event(type: SdkEvent['type'], fields: Partial<SdkEvent>, timestamp?: string | Date): void {
    if (ignored || consent === 'denied' || !isSampled(person._anonymousId(), options.sample)) return
    const made = throughPlugins(
      plugins,
      JSON.stringify({
        type,
        messageId: uuid7(at()),
        timestamp: new Date(timestamp ?? at()),
        anonymousId: person._anonymousId(),
        userId: person._now.userId,
        ...fields,
        context: contextOf(locale()),
      }),
    )
    if (!made) return
    queue._add(made)
    emit('track', made)
    const { rules } = person._now
    const name = made.event ?? ''
    sender._soon(!rules || type === 'identify' || rules.urgent.includes(name) ? 0 : idleBatchMs)
    if (!name.startsWith('Nudge ')) nudging._happened(made)
  }
  const forget = () => {
    sender._flush()
    token._forget()
    person._now = { consent: person._now.consent }
    person._patch({ anonymousId: uuid7(Date.now()) })
    nudging._ui()?.clear()
    store._set(`${key}.n`, null)
  }
  const setConsent = (wanted: ConsentState) => {
    if (wanted === 'denied') {
      queue._clear()
      nudging._ui()?.clear()
      for (const name of store._keys(key)) store._set(name, null)
      person._now = {}
    }
    consent = wanted
    if (!isGranted()) return
    // Whoever was here before stays the same visitor.
    const before = person._now
    person._reload()
    person._patch({ ...before, ...person._now, consent: 'granted' })
    for (const waiting of queue._all()) waiting.anonymousId = person._anonymousId()
    store._persist()
    queue._watch()
    sender._soon(0)
  }
  followPage(key, person, queue, sender)
  queue._watch()
  attempt(nudging._prefetch)
  if (options.pages !== false) {
    const page = () => event('page', { properties: pageFacts() })
    watchPages(page)
    attempt(page)
  }
  return {
    _person: person,
    _plugins: plugins,
    _nudging: nudging,
    _trial: trialState,
    _event: event,
    _flush: sender._flush,
    _consent: setConsent,
    _forget: forget,
  }
}
