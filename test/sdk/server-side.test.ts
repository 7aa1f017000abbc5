import v8 from 'node:v8'
import vm from 'node:vm'
import * as React from 'react'
import { renderToString as renderReact } from 'react-dom/server'
import { expect, test } from 'vitest'
import * as Vue from 'vue'
import { renderToString as renderVue } from 'vue/server-renderer'
import { trialpace, typed } from '../../sdk/index.ts'
import { reactHooks } from '../../sdk/react.ts'
import type { Trialpace } from '../../sdk/types.ts'
import { vueTrial } from '../../sdk/vue.ts'

/** Here is no window: what server-side rendering sees. */

test('on a server every call does nothing, and none throws', async () => {
  trialpace.load('pk_x', { host: 'https://example.com' })
  typed<{ Made: { n: number } }>().track('Made', { n: 1 })
  trialpace.identify('u1', { a: 1 })
  trialpace.page('Home')
  trialpace.reset()
  trialpace.consent('granted')
  trialpace.nudges.dismiss('x')
  trialpace.on('trial', () => {})()
  await trialpace.flush()
  expect(trialpace.trial()).toBeNull()
  expect(trialpace.user().id()).toBeNull()
  expect(trialpace.nudges.list()).toEqual([])
})

const collectGarbage = (): void => {
  v8.setFlagsFromString('--expose-gc')
  vm.runInNewContext('gc')()
}

test('rendering on a server keeps no listener and no call', async () => {
  const handedOver: WeakRef<object>[] = []
  const watched: Trialpace = {
    ...trialpace,
    on: (signal, callback) => {
      handedOver.push(new WeakRef(callback))
      return trialpace.on(signal, callback)
    },
    track: (event, properties) => {
      handedOver.push(new WeakRef(properties as object))
      trialpace.track(event, properties)
    },
  }
  const useVueTrial = vueTrial(Vue, watched)
  const { useTrial } = reactHooks(React, watched)
  const component = {
    setup() {
      watched.track('Rendered', { on: 'server' })
      const trial = useVueTrial()
      return () => Vue.h('p', String(trial.value))
    },
  }
  const App = () => React.createElement('p', null, String(useTrial()))
  for (let n = 0; n < 40; n++) {
    expect(await renderVue(Vue.createSSRApp(component))).toBe('<p>null</p>')
    expect(renderReact(React.createElement(App))).toBe('<p>null</p>')
  }
  expect(handedOver.length).toBeGreaterThanOrEqual(120)
  await new Promise((resolve) => setTimeout(resolve))
  collectGarbage()
  // The last page may still be on the stack.
  expect(handedOver.filter((it) => it.deref()).length).toBeLessThan(10)
})
