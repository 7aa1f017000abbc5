import { isPlaceholderId } from '../shared/placeholder-id.ts'
import { type Client, createClient, maxEventBytes } from './client.ts'
import { guard, listen, outside } from './guard.ts'
import { copy } from './json.ts'
import type { Chunks } from './nudge-bridge.ts'
import { pageFacts } from './page.ts'
import { createSignals } from './signals.ts'
import type { ConsentState, Options, Plugin, Properties, Trialpace } from './types.ts'

declare const __VERSION__: string

/** A call made before the SDK was there: method, arguments, epoch milliseconds. */
export type EarlyCall = [method: string, args: unknown[], at: number]

/** May throw when it is handed what it cannot take. */
type Call = (client: Client, ...args: never[]) => unknown

const isBag = (value: unknown): value is Properties =>
  typeof value === 'object' && !!value && !Array.isArray(value)

const bagOf = (value: unknown): Properties => (isBag(value) ? value : {})

/**
 * An id or a name: text, or a number of any kind.
 * @throws for what is none, such as the `undefined` of a page without a signed-in user.
 */
function nameOf(value: unknown): string {
  if (!/^(st|bi|nu)/.test(typeof value) || isPlaceholderId(`${value}`)) throw value
  return `${value}`
}

/** The calls of the Segment spec, in its argument forms. */
const calls = {
  track: (
    { _event, _flush },
    name: unknown,
    properties: unknown,
    options?: { timestamp?: string } | null,
    callback?: () => void,
  ) => {
    _event('track', { event: nameOf(name), properties: bagOf(properties) }, options?.timestamp)
    if (callback) _flush().then(guard(callback))
  },
  identify: (client, id: unknown, more: unknown) => {
    const { _person } = client
    const { userId: before } = _person._now
    const userId = id == null || id === '' || isBag(id) ? before : nameOf(id)
    // Only what can be kept and sent is remembered.
    const traits = copy(bagOf(isBag(id) ? id : more), maxEventBytes)
    if (before && before !== userId) client._forget()
    _person._patch({ userId, traits: { ..._person._now.traits, ...traits } })
    client._event('identify', { traits })
  },
  page: ({ _event }, ...args: unknown[]) => {
    const names = args.filter((arg) => typeof arg === 'string')
    _event('page', {
      name: names.pop() as string,
      category: names.pop() as string,
      properties: { ...pageFacts(), ...args.find(isBag) },
    })
  },
  group: ({ _event }, id: unknown, traits: unknown) =>
    _event('group', { groupId: nameOf(id), traits: bagOf(traits) }),
  alias: ({ _person, _event }, id: unknown, previous: unknown) => {
    const previousId = previous ? nameOf(previous) : (_person._now.userId ?? _person._anonymousId())
    _person._patch({ userId: nameOf(id) })
    _event('alias', { previousId })
  },
  reset: ({ _forget }) => _forget(),
  ready: (_client, callback: () => void) => callback(),
  use: ({ _plugins }, plugin: Plugin) => _plugins.push(plugin),
  setAnonymousId: ({ _person }, id: unknown) => _person._patch({ anonymousId: nameOf(id) }),
  consent: ({ _consent }, state: ConsentState) => _consent(state),
} satisfies Record<string, Call>

/** These are carried out by the nudge chunk. */
const onNudges = ['show', 'dismiss', 'snooze', 'preview', 'debug'] as const

type Method = keyof typeof calls | (typeof onNudges)[number]

const table: Record<string, Call> = { ...calls }
for (const name of onNudges)
  table[name] = ({ _nudging }, ...args) =>
    _nudging._withUi((ui) => (ui[name] as (...it: unknown[]) => void)(...args))

/** The public object. Calls made before `load` wait in `early`, with their own time; none ever throws. */
export function createTrialpace(chunks: Chunks, hostOfScript: () => string) {
  const signals = createSignals()
  let client: Client | undefined
  const early: EarlyCall[] = []
  let calledAt = 0

  const invoke = (method: string, args: unknown[], at = Date.now()) => {
    if (!client) return void early.push([method, args, at])
    calledAt = at
    try {
      outside(() => table[method]!(client!, ...(args as never[])))
    } catch {
      signals.emit('debug', { what: `not taken: ${method}`, detail: args })
    }
    calledAt = 0
  }
  const load = (writeKey: string, options: Options = {}) => {
    if (client) return
    // Rendered ahead, and perhaps never looked at.
    if ((document as { prerendering?: boolean }).prerendering)
      return listen('prerenderingchange', () => load(writeKey, options))
    const host = (options.host || hostOfScript()).replace(/\/$/, '')
    client = outside(() =>
      createClient(writeKey, host, options, chunks, signals, () => calledAt || Date.now()),
    )
    for (const call of early.splice(0)) invoke(...call)
    const asked = /[?&]tp_(debug|preview)=([^&]+)/.exec(location.search)
    if (asked) invoke(asked[1]!, [asked[2]])
  }
  const called = {} as Record<Method, (...args: unknown[]) => void>
  for (const name of Object.keys(table) as Method[]) called[name] = (...args) => invoke(name, args)
  const api = {
    ...called,
    version: __VERSION__,
    load: guard(load),
    on: signals.on,
    flush: async () => client?._flush(),
    trial: () => client?._trial() ?? null,
    user: () => {
      const { userId = null, anonymousId = null, traits = {} } = client?._person._now ?? {}
      return { id: () => userId, anonymousId: () => anonymousId, traits: () => traits }
    },
    nudges: { ...called, list: () => client?._nudging._ui()?.list() ?? [] },
  } satisfies Trialpace
  return [api, invoke, early] as const
}
