import type { CollectAnswer } from '../shared/collect.ts'
import { initialConsent } from './consent.ts'
import { attempt, guard } from './guard.ts'
import { createToken } from './identity-token.ts'
import { copy, json } from './json.ts'
import { localeTag } from './locale-tag.ts'
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
/** The server takes 32 KiB. */
export const maxEventBytes = 32_000
const dayMs = 86_400_000

const tagOf = guard(localeTag)

/** The running SDK, as the calls of the public API see it. */
export interface Client {
  _person: Person
  _plugins: Plugin[]
  _nudging: Nudging
  _trial(): TrialState | undefined
  _event(type: SdkEvent['type'], fields: Partial<SdkEvent>, timestamp?: string | number | Date): void
  _flush(): Promise<void>
  _consent(state: ConsentState): void
  /** Another person from here on; what is queued still belongs to the former one. */
  _forget(): void
}

/** Visitors by the random end of their anonymous id: the same answer on each page. */
const isSampled = (anonymousId: string, share = 1): boolean =>
  !(Number(`0x${anonymousId.slice(-6)}`) / 2 ** 24 >= share)

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
  const plugins: Plugin[] = options.plugins ?? []
  const nudges = options.nudges !== false
  const ignored = !options.bots && isBot()
  let consent = initialConsent(key, options)
  let clockOffset = 0

  const isGranted = () => consent === 'granted'
  const store = createStore(() => (isGranted() && options.storage !== 'memory' ? localStorage : null))
  const person = createPerson(store, key)
  const queue = createQueue(store, `${key}.q.`, uuid7(), () => sender._soon(0))
  const token = createToken(options.identity)
  const locale = () =>
    tagOf(options.locale!) ?? tagOf(document.documentElement.lang) ?? tagOf(navigator.language) ?? 'en'
  const sender = createSender({
    // One path and a body of text/plain: a request the browser may send without asking first (no preflight).
    _url: `${host}/v1/b`,
    _queue: queue,
    _body: (batch, identityToken = token._now()) =>
      json({
        writeKey,
        batch,
        sentAt: new Date(),
        nudges,
        rulesEtag: person._now.rules?.etag,
        locale: locale(),
        identityToken,
      }),
    _token: () => token._renewed(person._now.userId),
    _mayRun: isGranted,
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
    set: (name, value) => store._set(name, json(value)),
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
    if (answer.identity) token._forget()
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
  function event(
    type: SdkEvent['type'],
    fields: Partial<SdkEvent>,
    timestamp?: string | number | Date,
    page = pageFacts(),
  ): void {
    if (ignored || consent === 'denied' || !isSampled(person._anonymousId(), options.sample)) return
    // Plugins see a copy: the page may change what it handed over.
    let made = copy(
      {
        type,
        messageId: uuid7(at()),
        timestamp: new Date(+new Date(timestamp!) || at()).toISOString(),
        anonymousId: person._anonymousId(),
        userId: person._now.userId,
        context: {
          library: { name: 'trialpace', version: __VERSION__ },
          page,
          locale: locale(),
          timezone: attempt(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
        },
        ...fields,
      } as SdkEvent,
      maxEventBytes,
    )
    for (const plugin of plugins) {
      const changed = attempt(() => plugin(made))
      if (changed === null) return
      made = changed ?? made
    }
    queue._add(made)
    emit('track', made)
    const { rules } = person._now
    const name = made.event ?? ''
    sender._soon(!rules || type === 'identify' || rules.urgent.includes(name) ? 0 : idleBatchMs)
    if (!name.startsWith('Nudge ')) nudging._happened(made)
  }
  /** What is on the screen belongs to a person who is gone. */
  const leave = () => {
    nudging._ui()?.clear()
    ;(emit as (name: 'reset') => void)('reset')
  }
  const forget = () => {
    sender._flush()
    person._now = { consent: person._now.consent }
    person._patch({ anonymousId: uuid7() })
    store._set(`${key}.n`, null)
    leave()
  }
  const setConsent = (wanted: ConsentState) => {
    if (wanted === 'denied') {
      queue._clear()
      for (const name of store._keys(key)) store._set(name, null)
      person._now = {}
      leave()
    }
    consent = wanted
    if (!isGranted()) return
    // Anyone who was here before stays the same visitor.
    const before = person._now
    person._reload()
    person._patch({ ...before, ...person._now, consent: 'granted' })
    for (const waiting of queue._all()) waiting.anonymousId = person._anonymousId()
    store._persist()
    queue._watch()
    sender._soon(0)
  }
  const otherTab = () => {
    const { anonymousId } = person._now
    person._reload()
    if (anonymousId !== person._now.anonymousId) leave()
  }
  if (options.pages !== false) {
    const page = (facts: Properties, began?: number) => event('page', { properties: facts }, began, facts)
    // Before the listeners of the page’s end: its last view leaves with it.
    watchPages(page)
    attempt(() => page(pageFacts()))
  }
  followPage(key, otherTab, queue, sender)
  queue._watch()
  attempt(nudging._prefetch)
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
