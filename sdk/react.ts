import { trialpace as instance } from './index.ts'
import { json } from './json.ts'
import type { AnyEvent, EventMap, Options, Trialpace, TrialState } from './types.ts'

/** What is taken of React (or Preact’s `compat`): `reactHooks(React)`. */
export interface ReactLike {
  useEffect(effect: () => void, inputs: readonly unknown[]): void
  useSyncExternalStore<T>(subscribe: (changed: () => void) => () => void, read: () => T, onServer: () => T): T
}

export function reactHooks<Events extends EventMap = AnyEvent>(
  { useEffect, useSyncExternalStore }: ReactLike,
  trialpace = instance as Trialpace<Events>,
) {
  let last: TrialState | null = null
  let identified = ''
  const read = () => (last ??= trialpace.trial())
  const subscribe = (changed: () => void) => {
    const follow = (state: TrialState | undefined) => {
      last = state ?? null
      changed()
    }
    const ends = [trialpace.on('trial', follow), trialpace.on('reset', follow)]
    return () => {
      // Without a listener it may become another person’s.
      last = null
      for (const end of ends) end()
    }
  }
  return {
    trialpace,
    /** Starts the SDK; once is enough, in the topmost component. */
    useTrialpace: (writeKey: string, options?: Options) =>
      useEffect(() => trialpace.load(writeKey, options), [writeKey]),
    /**
     * Says who is there whenever that changes. Null: no one, or not known yet; it resets only whom this page has
     * identified before, so that a page which starts with null keeps its visitor and who is signed in.
     */
    useIdentify: (userId: string | number | null | undefined, traits?: object) => {
      const said = userId == null ? '' : json([userId, traits])
      useEffect(() => {
        // StrictMode runs each effect twice.
        if (said === identified) return
        identified = said
        if (userId == null) trialpace.reset()
        else trialpace.identify(userId, traits)
      }, [said])
    },
    /** The trial as the server last told it, redrawn when it changes. */
    useTrial: () => useSyncExternalStore(subscribe, read, () => null),
  }
}
