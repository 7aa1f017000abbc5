import { type Client, createClient } from './client.ts'
import { attempt } from './guard.ts'
import type { Chunks } from './nudge-bridge.ts'
import { pageFacts } from './page.ts'
import { createSignals } from './signals.ts'
import type { ConsentState, Options, Plugin, Properties, Trialpace } from './types.ts'

/** A call made before the SDK was there: method, arguments, epoch milliseconds. */
export type EarlyCall = [method: string, args: unknown[], at: number]

type Call = (client: Client, ...args: never[]) => unknown

const isBag = (value: unknown): value is Properties => typeof value === 'object' && value !== null

/** The calls of the Segment spec, in its argument forms. */
const calls: Record<string, Call> = {
  track: (
    { _event, _flush },
    event: string,
    properties: Properties = {},
    { timestamp }: { timestamp?: string } = {},
    callback?: () => void,
  ) => {
    _event('track', { event: `${event}`, properties }, timestamp)
    return callback && _flush().then(callback)
  },
  identify: (client, id?: string | Properties | null, more: Properties = {}) => {
    const { _person } = client
    const traits = isBag(id) ? id : more
    const userId = isBag(id) || id == null ? _person._now.userId : `${id}`
    if (_person._now.userId && _person._now.userId !== userId) client._forget()
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
  group: ({ _event }, groupId: string, traits: Properties = {}) =>
    _event('group', { groupId: `${groupId}`, traits }),
  alias: (
    { _person, _event },
    userId: string,
    previousId = _person._now.userId ?? _person._anonymousId(),
  ) => {
    _person._patch({ userId: `${userId}` })
    _event('alias', { previousId })
  },
  reset: ({ _forget }) => _forget(),
  ready: (_client, callback: () => void) => callback(),
  use: ({ _plugins }, plugin: Plugin) => _plugins.push(plugin),
  setAnonymousId: ({ _person }, id: string) => _person._patch({ anonymousId: `${id}` }),
  consent: ({ _consent }, state: ConsentState) => _consent(state),
}
/** These are carried out by the nudge chunk. */
const onNudges = ['show', 'dismiss', 'snooze', 'preview', 'debug'] as const
for (const name of onNudges)
  calls[name] = ({ _nudging }, ...args) =>
    _nudging._withUi((ui) => (ui[name] as (...it: unknown[]) => void)(...args))

/**
 * The public object. Calls made before `load` wait with their own time; none ever throws. On a server it does
 * nothing and keeps nothing.
 */
export function createTrialpace(chunks: Chunks, hostOfScript: () => string, onServer = false) {
  const signals = createSignals()
  let client: Client | undefined
  const early: EarlyCall[] = []
  let calledAt = 0

  const invoke = (method: string, args: unknown[], at = Date.now()) => {
    if (onServer) return
    if (!client) return void early.push([method, args, at])
    calledAt = at
    attempt(() => calls[method]!(client!, ...(args as never[])))
    calledAt = 0
  }
  const load = (writeKey: string, options: Options = {}) => {
    if (client || onServer) return
    const host = (options.host ?? hostOfScript()).replace(/\/$/, '')
    client = createClient(writeKey, host, options, chunks, signals, () => calledAt || Date.now())
    for (const call of early.splice(0)) invoke(...call)
    const asked = /[?&]tp_(debug|preview)=([^&]+)/.exec(location.search)
    if (asked) invoke(asked[1]!, [asked[2]])
  }
  const api: Record<string, unknown> = {
    load: (...args: Parameters<typeof load>) => attempt(() => load(...args)),
    on: signals.on,
    flush: async () => attempt(() => client!._flush()),
    trial: () => attempt(() => client!._trial()) ?? null,
    user: () => {
      const { userId = null, anonymousId = null, traits = {} } = client?._person._now ?? {}
      return { id: () => userId, anonymousId: () => anonymousId, traits: () => traits }
    },
  }
  for (const name in calls) api[name] = (...args: unknown[]) => invoke(name, args)
  api.nudges = { ...api, list: () => client?._nudging._ui()?.list() ?? [] }
  return { api: api as unknown as Trialpace, invoke }
}
