// @vitest-environment jsdom
import * as React from 'react'
import { createRoot } from 'react-dom/client'
import { expect, test, vi } from 'vitest'
import * as Vue from 'vue'
import { reactHooks } from '../../sdk/react.ts'
import { createSignals } from '../../sdk/signals.ts'
import type { Trialpace, TrialState } from '../../sdk/types.ts'
import { trialpaceVue, vueTrial } from '../../sdk/vue.ts'
import { aTrial } from '../support/collect-sink.ts'

/** The hooks in real React and Vue, on an SDK whose signals the test gives. */

const state: TrialState = { ...aTrial(), daysLeft: 3 }

function aSdk() {
  const signals = createSignals()
  let now: TrialState | null = null
  const sdk = {
    on: signals.on,
    trial: () => now && { ...now },
    load: vi.fn(),
    identify: vi.fn(),
    reset: vi.fn(() => {
      now = null
      signals.emit('reset', undefined)
    }),
  }
  const answer = () => {
    now = state
    signals.emit('trial', state)
  }
  return { sdk, asTrialpace: sdk as unknown as Trialpace, answer }
}

async function inReact(strict: boolean) {
  const it = aSdk()
  const { useIdentify, useTrial, useTrialpace } = reactHooks(React, it.asTrialpace)
  const place = document.createElement('div')
  let show: (...user: [string | null, object?]) => void = () => {}
  const App = () => {
    const [[userId, traits], set] = React.useState<[string | null, object?]>([null])
    show = (...user) => set(user)
    useTrialpace('pk_x', { pages: false })
    useIdentify(userId, traits)
    return React.createElement('p', null, useTrial()?.segment ?? 'none')
  }
  const app = React.createElement(App)
  const { act } = React
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  await act(() => createRoot(place).render(strict ? React.createElement(React.StrictMode, null, app) : app))
  return {
    ...it,
    shown: () => place.textContent,
    as: (...user: [string | null, object?]) => act(() => show(...user)),
    answer: () => act(() => it.answer()),
  }
}

test.each([
  ['plain', false],
  ['StrictMode', true],
] as const)('React, %s: null resets only whom the page has identified', async (_name, strict) => {
  const { sdk, as } = await inReact(strict)
  expect(sdk.load).toHaveBeenCalledWith('pk_x', { pages: false })
  expect(sdk.reset).not.toHaveBeenCalled()
  await as('ann', { role: 'lead' })
  await as('ann', { role: 'lead' })
  expect(sdk.identify.mock.calls).toEqual([['ann', { role: 'lead' }]])
  await as('ann', { role: 'owner' })
  expect(sdk.identify).toHaveBeenCalledTimes(2)
  await as(null)
  await as(null)
  expect(sdk.reset).toHaveBeenCalledOnce()
  await as('bob')
  expect(sdk.identify).toHaveBeenLastCalledWith('bob', undefined)
})

test('React: the trial is drawn when it changes, and gone with its person', async () => {
  const { shown, as, answer } = await inReact(true)
  expect(shown()).toBe('none')
  await as('ann')
  await answer()
  expect(shown()).toBe('exploring')
  await as(null)
  expect(shown()).toBe('none')
  await answer()
  expect(shown()).toBe('exploring')
})

test('React: traits that JSON cannot say do not break the page', async () => {
  const { sdk, as } = await inReact(false)
  const traits: Record<string, unknown> = { role: 'lead', account: 9007199254740993n }
  traits.self = traits
  await as('ann', traits)
  expect(sdk.identify).toHaveBeenCalledWith('ann', traits)
})

test('Vue: a real ref follows the trial until its scope ends; the plugin provides the SDK', () => {
  const { asTrialpace, sdk, answer } = aSdk()
  const scope = Vue.effectScope()
  const trial = scope.run(vueTrial(Vue, asTrialpace))!
  expect(Vue.isRef(trial)).toBe(true)
  expect(trial.value).toBeNull()
  answer()
  expect(trial.value).toBe(state)
  sdk.reset()
  expect(trial.value).toBeNull()
  scope.stop()
  answer()
  expect(trial.value).toBeNull()

  const app = Vue.createApp({ render: () => null })
  app.use(trialpaceVue, { writeKey: 'pk_x' })
  expect(app.runWithContext(() => Vue.inject<Trialpace>('trialpace'))).toBe(
    app.config.globalProperties.$trialpace,
  )
})
