import { createTrialpace, type EarlyCall } from './facade.ts'
import { attempt } from './guard.ts'
import type { Chunks } from './nudge-bridge.ts'
import type { Trialpace } from './types.ts'

/** Entry of the script file: takes its settings from its own tag and the calls that the stub kept. */

declare const __VERSION__: string

/** A call that the stub kept; for `on` it waits for the function that ends the subscription. */
type StubCall = [...EarlyCall, end?: () => void]

interface StubbedWindow {
  trialpace?: Partial<Trialpace> & { q?: StubCall[] }
}

attempt(() => {
  const holder = window as StubbedWindow
  const { trialpace: found } = holder
  // The snippet is on the page twice.
  if (found?.version) return
  const tag = (document.currentScript ?? document.querySelector('script[data-key]')) as HTMLScriptElement
  const { src, dataset, nonce } = tag
  // The moving file and the immutable one both find the chunks of their own version.
  const chunk = <Name extends keyof Chunks>(name: Name) =>
    import(src.replace(/[^/]*\/[^/]*$/, `${__VERSION__}/${name}.js`)) as ReturnType<Chunks[Name]>
  const [api, invoke] = createTrialpace({ nudge: () => chunk('nudge'), debug: () => chunk('debug') }, () =>
    src.replace(/\/(sdk\/.*|[^/]*)$/, ''),
  )
  const early = found?.q
  // The stub stays the same object, for pages that kept a reference to it; an element with this id is none.
  holder.trialpace = Object.assign(early ? found : {}, api)
  if (early) {
    const replay = (call: StubCall) => {
      const [method, args, at] = call
      if (method === 'on' || method === 'load')
        call[3] = (api[method] as (...it: unknown[]) => () => void)(...args)
      else invoke(method, args, +at)
    }
    early.splice(0).forEach(replay)
    // Methods of the stub that the page took out of it.
    early.push = replay as unknown as typeof early.push
  }
  // data-pages="off", data-sample="0.5", data-consent="pending" …
  const options: Record<string, unknown> = { nonce }
  for (const name in dataset) options[name] = dataset[name] !== 'off' && dataset[name]
  if (dataset.key) api.load(dataset.key, options)
})
