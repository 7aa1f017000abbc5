import { trialpace as instance } from './index.ts'
import type { EventMap, Options, Trialpace, TrialState } from './types.ts'

/** What is taken of a Vue 3 application. */
export interface VueApp {
  provide(key: string, value: unknown): unknown
  config: { globalProperties: Record<string, unknown> }
}

/** `app.use(trialpaceVue, { writeKey, …options })`: `$trialpace` in templates, `inject('trialpace')` in set-ups. */
export const trialpaceVue = {
  install(app: VueApp, { writeKey, ...options }: Options & { writeKey: string }): void {
    instance.load(writeKey, options)
    app.provide('trialpace', instance)
    app.config.globalProperties.$trialpace = instance
  },
}

/** What is taken of Vue itself: `vueTrial(Vue)` makes the composable. */
export interface VueLike {
  shallowRef<T>(value: T): { value: T }
  onScopeDispose(stop: () => void): void
}

/** @returns a composable: a ref of the trial as the server last told it. */
export const vueTrial =
  <Events extends EventMap = EventMap>(
    { shallowRef, onScopeDispose }: VueLike,
    trialpace = instance as Trialpace<Events>,
  ) =>
  () => {
    const state = shallowRef<TrialState | null>(trialpace.trial())
    onScopeDispose(
      trialpace.on('trial', (next) => {
        state.value = next
      }),
    )
    return state
  }
