import { useEffect, useState } from 'preact/hooks'
import { nudgeTheme } from '../../../shared/brand/dress.ts'
import type { NudgeInstance } from '../../../shared/collect.ts'
import type { Brand } from '../../../shared/playbook/brand.ts'

/** What of the SDK's nudge chunk is needed to draw one, see `sdk/nudge-bridge.ts`. */
interface NudgeUi {
  offer(offer: { nudges: NudgeInstance[]; cause: undefined; networkMs: number }): void
  show(id: string): void
  clear(): void
}

const id = 'brand-sample'

const sample: NudgeInstance = {
  id,
  format: 'inline',
  title: 'You have 3 boards. One more needs the Team plan.',
  body: 'Your boards stay as they are. [Compare the plans](#/brand) or upgrade now.',
  action: { label: 'Upgrade', url: '#/brand' },
  dismiss: 'Not now',
  question: null,
  answers: [],
  anchor: `#${id}`,
  meter: null,
  priority: 50,
  maxShows: 1,
  snoozeMs: 0,
  locale: 'en',
  dir: 'ltr',
  cause: null,
}

/** Nothing is remembered, reported or asked of a server. */
const bridge = {
  report: () => {},
  emit: () => {},
  on: () => () => {},
  now: () => Date.now(),
  person: () => ({}),
  trial: () => undefined,
  since: () => 0,
  get: () => null,
  set: () => {},
  key: id,
  locale: () => 'en',
  options: {},
  host: '',
  debugChunk: () => Promise.reject(new Error('there is none here')),
}

let loading: Promise<NudgeUi> | null = null

/** The SDK itself, as this server gives it to the product's pages. */
async function load(): Promise<NudgeUi> {
  const answer = await fetch('/sdk/v1/integrity.json')
  if (!answer.ok) throw new Error('the SDK is not built')
  const { version } = (await answer.json()) as { version: string }
  const chunk = (await import(`/sdk/${version}/nudge.js`)) as {
    createNudgeUi: (with_: typeof bridge) => NudgeUi
  }
  return chunk.createNudgeUi(bridge)
}

/** A nudge drawn by the real SDK. The look of the page around it decides whether it is light or dark. */
export function NudgeSample({ brand, scheme }: { brand: Brand; scheme: 'light' | 'dark' }) {
  const [isMissing, setIsMissing] = useState(false)
  const theme = nudgeTheme(brand)
  useEffect(() => {
    let isGone = false
    let shown: NudgeUi | null = null
    loading ??= load()
    loading.then(
      (ui) => {
        if (isGone) return
        shown = ui
        ui.offer({ nudges: [{ ...sample, theme }], cause: undefined, networkMs: 0 })
        ui.show(id)
      },
      () => {
        loading = null
        setIsMissing(true)
      },
    )
    return () => {
      isGone = true
      shown?.clear()
    }
  }, [theme, scheme])
  return (
    <div class={`nudge-stage scheme-${scheme}`}>
      <div id={id} />
      {isMissing && <p>The SDK could not be loaded, so the nudge is not shown.</p>}
    </div>
  )
}
