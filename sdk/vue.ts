import type { App, ShallowRef } from 'vue'
import { trialpace as instance } from './index.ts'
import type { AnyEvent, EventMap, Options, Trialpace, TrialState } from './types.ts'

declare module 'vue' {
  interface ComponentCustomProperties {
    $trialpace: Trialpace
  }
}

/** `app.use(trialpaceVue, { writeKey, …options })`: `$trialpace` in templates, `inject('trialpace')` in set-ups. */
export const trialpaceVue = {
  install(app: App, { writeKey, ...options }: Options & { writeKey: string }): void {
    instance.load(writeKey, options)
    app.provide('trialpace', instance)
    app.config.globalProperties.$trialpace = instance
  },
}

/** What is taken of Vue itself: `vueTrial(Vue)` makes the composable. */
export interface VueLike {
  shallowRef<T>(value: T): ShallowRef<T>
  onScopeDispose(stop: () => void): void
}

/** @returns a composable: a ref of the trial as the server last told it, null while none is known. */
export const vueTrial =
  <Events extends EventMap = AnyEvent>(
    { shallowRef, onScopeDispose }: VueLike,
    trialpace = instance as Trialpace<Events>,
  ) =>
  (): ShallowRef<TrialState | null> => {
    const state = shallowRef<TrialState | null>(trialpace.trial())
    const follow = (next: TrialState | undefined) => {
      state.value = next ?? null
    }
    for (const end of [trialpace.on('trial', follow), trialpace.on('reset', follow)]) onScopeDispose(end)
    return state
  }
