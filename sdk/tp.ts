import { createTrialpace, type EarlyCall } from './facade.ts'
import { attempt } from './guard.ts'
import type { Chunks } from './nudge-bridge.ts'
import type { ConsentState, Options, Trialpace } from './types.ts'

/** Entry of the script file: takes its settings from its own tag and the calls that the stub kept. */

declare const __VERSION__: string

interface StubbedWindow {
  trialpace?: Partial<Trialpace> & { q?: EarlyCall[] }
}

const flag = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : text !== 'off' && text !== 'false'

const optionsOf = ({
  host,
  consent,
  gpc,
  dnt,
  pages,
  storage,
  bots,
  sample,
  nudges,
  locale,
}: DOMStringMap): Options => ({
  host,
  consent: consent as ConsentState | undefined,
  gpc: flag(gpc),
  dnt: flag(dnt),
  pages: flag(pages),
  storage: storage as Options['storage'],
  bots: flag(bots),
  sample: sample ? Number(sample) : undefined,
  nudges: flag(nudges),
  locale,
})

attempt(() => {
  const tag = (document.currentScript ?? document.querySelector('script[data-key]')) as HTMLScriptElement
  const scriptUrl = tag.src
  // The moving file and the immutable one both find the chunks of their own version.
  const chunk = <Name extends keyof Chunks>(name: Name) =>
    import(new URL(`../${__VERSION__}/${name}.js`, scriptUrl).href) as ReturnType<Chunks[Name]>
  const { api, invoke } = createTrialpace({ nudge: () => chunk('nudge'), debug: () => chunk('debug') }, () =>
    scriptUrl.replace(/\/sdk\/[^/]+\/[^/]*$/, ''),
  )
  const holder = window as StubbedWindow
  const stub = holder.trialpace ?? {}
  const early = stub.q?.splice(0) ?? []
  // The stub object stays the same, for pages that kept a reference to it.
  holder.trialpace = Object.assign(stub, api)
  const { key } = tag.dataset
  const replay = () => {
    for (const [method, args, at] of early) {
      if (method === 'on') (api.on as (...it: unknown[]) => void)(...args)
      else if (method === 'load') (api.load as (...it: unknown[]) => void)(...args)
      else invoke(method, args, at)
    }
  }
  replay()
  if (key) api.load(key, { ...optionsOf(tag.dataset), nonce: tag.nonce || undefined })
})
