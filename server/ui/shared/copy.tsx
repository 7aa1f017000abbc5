import { useRef, useState } from 'preact/hooks'

/** @param select marks the text for the person to copy, where the browser lets no script do it: over plain http, say. */
export function CopyButton({
  what,
  text,
  select,
  plain = false,
}: {
  what: string
  text: string
  select: () => void
  plain?: boolean
}) {
  const [word, setWord] = useState('Copy')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setWord('Copied')
    } catch {
      select()
      setWord('Selected')
    }
    setTimeout(() => setWord('Copy'), 2000)
  }
  return (
    <button type="button" class={plain ? 'plain' : undefined} onClick={copy}>
      <span aria-live="polite">{word}</span>
      <span class="sr"> {what}</span>
    </button>
  )
}

export function Copyable({ label, text }: { label: string; text: string }) {
  const area = useRef<HTMLTextAreaElement>(null)
  return (
    <div class="copyable">
      <textarea
        ref={area}
        class="snippet"
        readOnly
        rows={text.split('\n').length}
        aria-label={label}
        value={text}
      />
      <CopyButton what={label} text={text} select={() => area.current?.select()} />
    </div>
  )
}
