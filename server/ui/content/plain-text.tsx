import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { TextHandle } from './text-handle.ts'

const marks = { bold: '**', italic: '*' } as const

/** Words with their marks as they are stored. */
export function PlainText({
  value,
  change,
  handle,
  isLine,
  ...attributes
}: {
  value: string
  change: (text: string) => void
  handle: RefObject<TextHandle | null>
  isLine: boolean
  id: string
  lang?: string | undefined
  maxLength: number
  'aria-invalid': boolean
  'aria-describedby': string
}) {
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    const put = (before: string, after: string, usual: string) => {
      const area = field.current
      if (!area) return
      const { selectionStart: from, selectionEnd: to, value: text } = area
      const middle = text.slice(from, to) || usual
      area.setRangeText(before + middle + after, from, to, 'end')
      area.focus()
      area.setSelectionRange(from + before.length, from + before.length + middle.length)
      change(area.value)
    }
    handle.current = {
      focus: () => field.current?.focus(),
      insertVariable(name) {
        put(`{{ ${name} }}`, '', '')
        const area = field.current
        area?.setSelectionRange(area.selectionEnd, area.selectionEnd)
      },
      toggle: (mark) => put(marks[mark], marks[mark], mark === 'bold' ? 'bold words' : 'words'),
      link: (target) => put('[', `](${target})`, 'words'),
    }
  }, [handle, change])
  return (
    <textarea
      ref={field}
      class="words-text"
      dir="auto"
      rows={isLine ? 1 : 3}
      value={value}
      onInput={({ currentTarget: area }) =>
        change(isLine ? area.value.replaceAll(/\s*\n\s*/g, ' ') : area.value)
      }
      {...attributes}
    />
  )
}
