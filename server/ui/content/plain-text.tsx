import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { TextHandle } from './text-handle.ts'

/** HTML, or its words as plain text: what is typed is what is stored. */
export function PlainText({
  value,
  change,
  handle,
  ...attributes
}: {
  value: string
  change: (text: string) => void
  handle: RefObject<TextHandle | null>
  id: string
  lang: string
  'aria-invalid': boolean
  'aria-describedby': string
}) {
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    const put = (text: string) => {
      const area = field.current
      if (!area) return
      area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end')
      area.focus()
      change(area.value)
    }
    handle.current = {
      focus: () => field.current?.focus(),
      insertVariable: (name) => put(`{{ ${name} }}`),
      toggle: () => undefined,
      link: () => undefined,
    }
  }, [handle, change])
  return (
    <textarea
      ref={field}
      class="words-text snippet"
      dir="auto"
      rows={4}
      maxLength={50_000}
      spellcheck={false}
      value={value}
      onInput={({ currentTarget: area }) => change(area.value)}
      {...attributes}
    />
  )
}
