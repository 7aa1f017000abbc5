import { createTrialpace } from './facade.ts'
import type { EventMap, Trialpace } from './types.ts'

export type * from './types.ts'

const [api, , early] = createTrialpace(
  {
    nudge: () => import('./ui/nudge-ui.ts'),
    debug: () => import('./debug/debug.ts'),
  },
  () => location.origin,
)
if (typeof window === 'undefined') {
  // A server renders for everyone: nothing starts there, and nothing is kept.
  early.push = () => 0
  api.load = () => {}
  api.on = () => () => {}
}

/** The one instance of this page. Safe to import on a server, where it does nothing. */
export const trialpace: Trialpace = api

/** The same instance with your own events typed: `typed<{ 'Board Created': { template?: string } }>()`. */
export const typed = <Events extends EventMap>(): Trialpace<Events> => api as Trialpace<Events>
