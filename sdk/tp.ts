import { createTrialpace, type EarlyCall } from './facade.ts'
import { attempt } from './guard.ts'
import type { Chunks } from './nudge-bridge.ts'
import type { Trialpace } from './types.ts'

/** Entry of the script file: takes its settings from its own tag and the calls that the stub kept. */

declare const __VERSION__: string

interface StubbedWindow {
  trialpace?: Partial<Trialpace> & { q?: EarlyCall[] }
}

attempt(() => {
  const tag = (document.currentScript ?? document.querySelector('script[data-key]')) as HTMLScriptElement
  const { src, dataset, nonce } = tag
  // The moving file and the immutable one both find the chunks of their own version.
  const chunk = <Name extends keyof Chunks>(name: Name) =>
    import(new URL(`../${__VERSION__}/${name}.js`, src).href) as ReturnType<Chunks[Name]>
  const { api, invoke } = createTrialpace({ nudge: () => chunk('nudge'), debug: () => chunk('debug') }, () =>
    src.replace(/\/sdk\/.*/, ''),
  )
  const holder = window as StubbedWindow
  const stub = holder.trialpace ?? {}
  const early = stub.q?.splice(0) ?? []
  // The stub stays the same object, for pages that kept a reference to it.
  holder.trialpace = Object.assign(stub, api)
  for (const [method, args, at] of early) {
    if (method === 'on' || method === 'load') (api[method] as (...it: unknown[]) => void)(...args)
    else invoke(method, args, +at)
  }
  // data-pages="off", data-sample="0.5", data-consent="pending" …
  const options = Object.entries(dataset).map(([name, text]) => [name, text === 'off' ? false : text])
  if (dataset.key) api.load(dataset.key, { nonce, ...Object.fromEntries(options) })
})
