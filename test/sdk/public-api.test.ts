import { expectTypeOf, test } from 'vitest'
import { trialpace, typed } from '../../sdk/index.ts'
import type { reactHooks } from '../../sdk/react.ts'
import type {
  NudgeInstance,
  Options,
  Signals,
  Trialpace,
  TrialSnapshot,
  TrialState,
} from '../../sdk/types.ts'
import type { vueTrial } from '../../sdk/vue.ts'
import type * as wire from '../../shared/collect.ts'

/** What the compiler accepts of the public API and what not; the type check runs these. */

interface Board {
  template?: string
}
interface Events {
  'Board Created': Board
  'Teammate Invited': undefined
}

test('events may be declared by interfaces, and are checked by name and properties', () => {
  const sdk = typed<Events>()
  const board: Board = { template: 'kanban' }
  sdk.track('Board Created', board)
  sdk.track('Board Created')
  sdk.track('Teammate Invited')
  sdk.track('Teammate Invited', undefined, { timestamp: 1_800_000_000_000 }, () => {})
  // @ts-expect-error no such event
  sdk.track('Bord Created')
  // @ts-expect-error no such property
  sdk.track('Board Created', { tmpl: 1 })
  expectTypeOf(sdk).toEqualTypeOf<Trialpace<Events>>()
})

test('without declared events any name and any properties will do, of an interface too', () => {
  const board: Board = {}
  trialpace.track('Anything', board)
  trialpace.identify('u1', board)
  trialpace.identify(board)
  trialpace.identify(17)
  trialpace.identify(null)
  trialpace.page('Billing', 'Plans', board)
  trialpace.group('g1', board)
  // @ts-expect-error properties are an object
  trialpace.track('Anything', 'text')
  // @ts-expect-error an id is text or a number
  trialpace.identify(true)
  // @ts-expect-error no such signal
  trialpace.on('trail', () => {})
})

test('what the SDK says has types', () => {
  expectTypeOf(trialpace.trial()).toEqualTypeOf<TrialState | null>()
  expectTypeOf(trialpace.user().id()).toEqualTypeOf<string | null>()
  expectTypeOf(trialpace.flush()).toEqualTypeOf<Promise<void>>()
  expectTypeOf(trialpace.version).toEqualTypeOf<string>()
  trialpace.on('trial', (state) => expectTypeOf(state).toEqualTypeOf<TrialState>())
  trialpace.on('nudge:show', ({ nudge }) => expectTypeOf(nudge.id).toEqualTypeOf<string>())
  expectTypeOf<Signals['reset']>().toEqualTypeOf<undefined>()
  expectTypeOf<Options['identity']>().toEqualTypeOf<(() => string | Promise<string>) | undefined>()
})

test('what the package declares for itself is what the collect API answers', () => {
  expectTypeOf<TrialSnapshot>().toEqualTypeOf<wire.TrialSnapshot>()
  expectTypeOf<NudgeInstance>().toEqualTypeOf<wire.NudgeInstance>()
})

test('the hooks keep the types of the framework', () => {
  expectTypeOf<typeof reactHooks<Events>>().returns.toHaveProperty('trialpace')
  expectTypeOf<ReturnType<typeof reactHooks<Events>>['useTrial']>().returns.toEqualTypeOf<TrialState | null>()
  expectTypeOf<ReturnType<typeof vueTrial>>().returns.toExtend<import('vue').Ref<TrialState | null>>()
})
