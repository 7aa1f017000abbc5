import { trialpace as instance } from './index.ts'
import type { EventMap, Options, Properties, Trialpace, TrialState } from './types.ts'

/** What is taken of React (or Preact’s `compat`): `reactHooks(React)`. */
export interface ReactLike {
  useEffect(effect: () => void, inputs: readonly unknown[]): void
  useSyncExternalStore<T>(subscribe: (changed: () => void) => () => void, read: () => T, onServer: () => T): T
}

export function reactHooks<Events extends EventMap = EventMap>(
  { useEffect, useSyncExternalStore }: ReactLike,
  trialpace = instance as Trialpace<Events>,
) {
  let last: TrialState | null = null
  const read = () => (last ??= trialpace.trial())
  const subscribe = (changed: () => void) =>
    trialpace.on('trial', (state) => {
      last = state
      changed()
    })
  return {
    trialpace,
    /** Starts the SDK; once is enough, in the topmost component. */
    useTrialpace: (writeKey: string, options?: Options) =>
      useEffect(() => trialpace.load(writeKey, options), [writeKey]),
    /** Says who is there whenever that changes; null after signing out. */
    useIdentify: (userId: string | null, traits?: Properties) =>
      useEffect(
        () => (userId === null ? trialpace.reset() : trialpace.identify(userId, traits)),
        [userId, JSON.stringify(traits)],
      ),
    /** The trial as the server last told it, redrawn when it changes. */
    useTrial: () => useSyncExternalStore(subscribe, read, () => null),
  }
}
