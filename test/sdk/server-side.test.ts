import { expect, test, vi } from 'vitest'
import { trialpace, typed } from '../../sdk/index.ts'
import { reactHooks } from '../../sdk/react.ts'
import type { Trialpace, TrialState } from '../../sdk/types.ts'
import { trialpaceVue, vueTrial } from '../../sdk/vue.ts'
import { aTrial } from '../support/collect-sink.ts'

/** Here is no window: what server-side rendering sees. */

test('on a server every call does nothing, and none throws', async () => {
  trialpace.load('pk_x', { host: 'https://example.com' })
  typed<{ Made: { n: number } }>().track('Made', { n: 1 })
  trialpace.identify('u1', { a: 1 })
  trialpace.page('Home')
  trialpace.reset()
  trialpace.consent('granted')
  trialpace.nudges.dismiss('x')
  await trialpace.flush()
  expect(trialpace.trial()).toBeNull()
  expect(trialpace.user().id()).toBeNull()
  expect(trialpace.nudges.list()).toEqual([])
})

/** An SDK that tells of a trial when it is told to. */
function tellable() {
  const told = new Set<(state: TrialState) => void>()
  const sdk = {
    trial: () => null,
    on: (_name: string, callback: (state: TrialState) => void) => {
      told.add(callback)
      return () => told.delete(callback)
    },
    load: vi.fn(),
    identify: vi.fn(),
    reset: vi.fn(),
  }
  const tell = (state: TrialState) => told.forEach((callback) => void callback(state))
  return { sdk, asTrialpace: sdk as unknown as Trialpace, tell, told }
}
const state: TrialState = { ...aTrial(), daysLeft: 3 }

test('React: one snapshot until the trial changes, the person follows the props', () => {
  const { sdk, asTrialpace, tell, told } = tellable()
  let stop = () => {}
  let reads: unknown[] = []
  const react = {
    useEffect: (effect: () => void) => effect(),
    useSyncExternalStore: <T>(subscribe: (changed: () => void) => () => void, read: () => T): T => {
      stop = subscribe(() => {
        reads = [...reads, read(), read()]
      })
      return read()
    },
  }
  const { useTrial, useIdentify, useTrialpace } = reactHooks(react, asTrialpace)
  expect(useTrial()).toBeNull()
  tell(state)
  expect(reads).toEqual([state, state])
  expect(reads[0]).toBe(reads[1])
  stop()
  expect(told.size).toBe(0)
  useTrialpace('pk_x')
  useIdentify('ann', { a: 1 })
  useIdentify(null)
  expect(sdk.load).toHaveBeenCalledWith('pk_x', undefined)
  expect(sdk.identify).toHaveBeenCalledWith('ann', { a: 1 })
  expect(sdk.reset).toHaveBeenCalledOnce()
})

test('Vue: the ref follows the trial until its scope ends; the plugin provides the SDK', () => {
  const { asTrialpace, tell, told } = tellable()
  let dispose = () => {}
  const useTrial = vueTrial(
    {
      shallowRef: (value) => ({ value }),
      onScopeDispose: (stop) => {
        dispose = stop
      },
    },
    asTrialpace,
  )
  const ref = useTrial()
  tell(state)
  expect(ref.value).toBe(state)
  dispose()
  expect(told.size).toBe(0)
  const app = { provide: vi.fn(), config: { globalProperties: {} as Record<string, unknown> } }
  trialpaceVue.install(app, { writeKey: 'pk_x' })
  expect(app.config.globalProperties.$trialpace).toBe(trialpace)
  expect(app.provide).toHaveBeenCalledWith('trialpace', trialpace)
})
