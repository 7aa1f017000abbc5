import { useState } from 'preact/hooks'
import { linkTargets } from '../../../shared/content/blocks.ts'
import { targetNames } from './words.ts'

/** Where the selected words lead. */
export function LinkPicker({ choose, close }: { choose: (target: string) => void; close: () => void }) {
  const [target, setTarget] = useState<string>('url')
  const [url, setUrl] = useState('https://')
  const isGood = target !== 'url' || /^https:\/\/[^\s/()]+\.[^\s()]+$/.test(url)
  return (
    <form
      class="picker row start"
      aria-label="Link"
      onSubmit={(event) => {
        event.preventDefault()
        if (isGood) choose(target === 'url' ? url : target)
      }}
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      <select
        aria-label="The link opens"
        autofocus
        value={target}
        onChange={(event) => setTarget(event.currentTarget.value)}
      >
        {(['url', ...linkTargets] as const).map((one) => (
          <option key={one} value={one}>
            {targetNames[one]}
          </option>
        ))}
      </select>
      {target === 'url' && (
        <input
          class="grow"
          aria-label="Web address"
          value={url}
          maxLength={2000}
          aria-invalid={!isGood}
          onInput={(event) => setUrl(event.currentTarget.value.trim())}
        />
      )}
      <button type="submit" class="primary" disabled={!isGood}>
        Link
      </button>
      <button type="button" onClick={close}>
        Cancel
      </button>
    </form>
  )
}
