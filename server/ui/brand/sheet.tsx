import { useState } from 'preact/hooks'
import type { Brand } from '../../../shared/playbook/brand.ts'
import { useSettled } from '../shared/hooks.ts'
import { NudgeSample } from './nudge-sample.tsx'

type Scheme = 'light' | 'dark'

const frames = [
  { part: 'email', title: 'Email', height: 760 },
  { part: 'survey', title: 'Survey', height: 620 },
  { part: 'extend', title: 'Page that gives more time', height: 420 },
] as const

/** Everything a trialist sees, in this brand. */
export function Sheet({ brand }: { brand: Brand }) {
  const [scheme, setScheme] = useState<Scheme>('light')
  const settled = useSettled(JSON.stringify(brand), 300)
  return (
    <section class="brand-sheet" aria-label="How it looks">
      <fieldset class="tabs">
        <legend class="sr">Colours</legend>
        {(['light', 'dark'] as const).map((one) => (
          <label key={one} class="tab">
            <input type="radio" name="scheme" checked={scheme === one} onChange={() => setScheme(one)} />
            <span>{one === 'light' ? 'Light' : 'Dark'}</span>
          </label>
        ))}
      </fieldset>
      <h2>Nudge</h2>
      <NudgeSample brand={JSON.parse(settled) as Brand} scheme={scheme} />
      {frames.map(({ part, title, height }) => (
        <div key={part}>
          <h2>{title}</h2>
          <iframe
            class={`mail scheme-${scheme}`}
            sandbox=""
            title={`${title}, ${scheme}`}
            style={{ height: `${height}px` }}
            src={`/api/brand/sheet/${part}?brand=${encodeURIComponent(settled)}`}
          />
        </div>
      ))}
    </section>
  )
}
