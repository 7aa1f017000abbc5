import { type Client, createClient } from './client.ts'
import { attempt, guard } from './guard.ts'
import type { Chunks } from './nudge-bridge.ts'
import { pageFacts } from './page.ts'
import { createSignals } from './signals.ts'
import type { EventMap, Options, Properties, Trialpace } from './types.ts'

/** A call made before the SDK was there: method, arguments, epoch milliseconds. */
export type EarlyCall = [method: string, args: unknown[], at: number]

type Methods = Record<string, (...args: never[]) => unknown>

const isBag = (value: unknown): value is Properties => typeof value === 'object' && value !== null

/** The calls of the Segment spec, on a running client. */
function methodsOf(client: Client, chunks: Chunks): Methods {
  const { _person: person, _event: event, _nudging: nudging } = client
  return {
    track: (name: string, properties?: Properties, options?: { timestamp?: string }, callback?: () => void) =>
      event('track', { event: String(name), properties: properties ?? {} }, options, callback),
    identify: (id?: string | Properties | null, more?: Properties) => {
      const userId = isBag(id) || id == null ? undefined : String(id)
      const traits = (isBag(id) ? id : more) ?? {}
      const { userId: before } = person._now
      if (userId && before && before !== userId) client._forget()
      person._patch({ traits: { ...person._now.traits, ...traits }, ...(userId && { userId }) })
      event('identify', { traits })
    },
    page: (...args: [unknown?, unknown?, Properties?]) => {
      const names = args.filter((arg) => typeof arg === 'string') as string[]
      const name = names.pop()
      event('page', {
        ...(name !== undefined && { name }),
        ...(names[0] !== undefined && { category: names[0] }),
        properties: { ...pageFacts(document.referrer), ...args.find(isBag) },
      })
    },
    group: (groupId: string, traits: Properties = {}) => event('group', { groupId: String(groupId), traits }),
    alias: (userId: string, previousId?: string) => {
      const previous = previousId ?? person._now.userId ?? person._anonymousId()
      person._patch({ userId: String(userId) })
      event('alias', { previousId: previous })
    },
    reset: client._forget,
    ready: (callback: () => void) => callback(),
    use: (plugin: never) => void client._plugins.push(plugin),
    setAnonymousId: (anonymousId: string) => person._patch({ anonymousId: String(anonymousId) }),
    consent: client._consent,
    debug: (on = true) => {
      if (on)
        chunks.debug().then(
          (chunk) => chunk.openOverlay(client._bridge),
          () => {},
        )
    },
    show: (id: string) =>
      nudging._withUi((ui) => {
        const nudge = nudging._known(id)
        if (nudge) ui.show(nudge)
      }),
    dismiss: (id: string) => nudging._ifUi((ui) => ui.dismiss(id)),
    snooze: (id: string, ms?: number) => nudging._ifUi((ui) => ui.snooze(id, ms)),
    preview: (token: string) =>
      nudging._withUi((ui) => {
        chunks
          .debug()
          .then((chunk) => chunk.previewNudge(client._bridge, ui, token))
          .catch(() => {})
      }),
  }
}

const calls = [
  'track',
  'identify',
  'page',
  'group',
  'alias',
  'reset',
  'ready',
  'use',
  'setAnonymousId',
  'consent',
  'debug',
] as const
const nudgeCalls = ['show', 'dismiss', 'snooze', 'preview'] as const

/**
 * The public object. Calls made before `load` wait with their own time; none ever throws. On a server (no window)
 * it does nothing and keeps nothing.
 */
export function createTrialpace(chunks: Chunks, hostOfScript: () => string) {
  const signals = createSignals()
  let client: Client | undefined
  let methods: Methods | undefined
  let early: EarlyCall[] = []
  let calledAt = 0

  const invoke = (method: string, args: unknown[], at: number): unknown => {
    if (typeof window === 'undefined') return undefined
    if (!methods) return void early.push([method, args, at])
    calledAt = at
    return attempt(() => methods?.[method]?.(...(args as never[])))
  }
  const call =
    (method: string) =>
    (...args: unknown[]) =>
      invoke(method, args, Date.now())
  const load = (writeKey: string, options: Options = {}) => {
    if (client || typeof window === 'undefined') return
    const host = (options.host ?? hostOfScript()).replace(/\/$/, '')
    calledAt = Date.now()
    client = createClient(writeKey, host, options, chunks, signals, () => calledAt)
    methods = methodsOf(client, chunks)
    const waiting = early
    early = []
    for (const [method, args, at] of waiting) invoke(method, args, at)
    const asked = new URLSearchParams(location.search)
    if (asked.get('tp_debug')) invoke('debug', [], Date.now())
    const token = asked.get('tp_preview')
    if (token) invoke('preview', [token], Date.now())
  }
  const api = {
    load: guard(load),
    on: signals.on,
    flush: () => client?._flush().catch(() => {}) ?? Promise.resolve(),
    trial: () => attempt(() => client?._trial()) ?? null,
    user: () => ({
      id: () => client?._person._now.userId ?? null,
      anonymousId: () => client?._person._now.anonymousId ?? null,
      traits: () => client?._person._now.traits ?? {},
    }),
    nudges: { list: () => client?._nudging._list() ?? [] },
  } as unknown as Trialpace<EventMap>
  for (const method of calls) Object.assign(api, { [method]: call(method) })
  for (const method of nudgeCalls) Object.assign(api.nudges, { [method]: call(method) })
  return { api, invoke }
}
