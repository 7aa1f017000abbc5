import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { baseKeymap, chainCommands, exitCode, toggleMark } from 'prosemirror-commands'
import { keymap } from 'prosemirror-keymap'
import { type Node, Slice } from 'prosemirror-model'
import { type Command, EditorState, TextSelection } from 'prosemirror-state'
import { EditorView, type NodeView } from 'prosemirror-view'
import { parseExpression } from '../../../shared/content/expression.ts'
import { asLine, schema, toDocument, toText } from './rich-model.ts'
import type { TextHandle } from './text-handle.ts'

/** What a variable is called, by its name. */
export type VariableLabels = ReadonlyMap<string, string>

const lineBreak: Command = (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(schema.node('break')).scrollIntoView())
  return true
}
const nothing: Command = () => true

const keysOf = (isLine: boolean) => [
  keymap({
    'Mod-b': toggleMark(schema.marks.bold),
    'Mod-i': toggleMark(schema.marks.italic),
    ...(isLine
      ? { Enter: nothing, 'Shift-Enter': nothing }
      : { 'Shift-Enter': chainCommands(exitCode, lineBreak) }),
  }),
  keymap(baseKeymap),
]

/** A variable is one thing: named in words, deleted with one key. */
const chips = (labels: VariableLabels) => ({
  variable({ attrs }: Node): NodeView {
    const source = String(attrs.source)
    const dom = document.createElement('span')
    const name = parseExpression(source)?.name
    dom.className = 'variable'
    dom.title = `{{ ${source} }}`
    dom.textContent = (name && labels.get(name)) ?? source
    return { dom }
  },
})

/** Braces that are typed make a variable as soon as they are closed. */
function closeBraces(view: EditorView, from: number, to: number, typed: string): boolean {
  if (typed !== '}') return false
  const { $from } = view.state.selection
  const before = $from.parent.textBetween(0, $from.parentOffset, undefined, '\ufffc')
  const [written, source] = /\{\{\s*([^{}]{1,200}?)\s*\}$/.exec(before.slice(-220)) ?? []
  if (written === undefined) return false
  const variable = schema.node('variable', { source }, undefined, $from.marks())
  view.dispatch(view.state.tr.replaceWith(from - written.length, to, variable))
  return true
}

/** Words as they are read: bold is bold, a variable is a chip. */
export function RichText({
  value,
  change,
  handle,
  isLine,
  labels,
  id,
  labelledBy,
  lang,
  'aria-invalid': isInvalid,
  'aria-describedby': describedBy,
}: {
  value: string
  change: (text: string) => void
  handle: RefObject<TextHandle | null>
  isLine: boolean
  labels: VariableLabels
  id: string
  labelledBy: string
  lang: string
  'aria-invalid': boolean
  'aria-describedby': string
}) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const newest = useRef(change)
  newest.current = change
  /** What was typed comes back later than the next key; `seen` is what came back last. */
  const typed = useRef({ last: value, seen: value, onTheWay: [] as string[] })
  useEffect(() => {
    const editor = new EditorView(place.current, {
      state: stateOf(value, isLine),
      nodeViews: chips(labels),
      handleTextInput: closeBraces,
      dispatchTransaction(transaction) {
        editor.updateState(editor.state.apply(transaction))
        if (!transaction.docChanged) return
        const text = toText(editor.state.doc)
        typed.current.onTheWay.push(text)
        typed.current.last = text
        newest.current(text)
      },
      clipboardTextSerializer: (slice) => toText(schema.node('doc', null, paragraphsOf(slice))),
      clipboardTextParser: (text) => new Slice(toDocument(text).content, 1, 1),
      transformPasted: (slice) => (isLine ? new Slice(asLine(slice.content), 0, 0) : slice),
    })
    view.current = editor
    handle.current = handleOf(editor)
    return () => editor.destroy()
  }, [])
  useEffect(() => {
    const { last, seen, onTheWay } = typed.current
    typed.current.seen = value
    if (value === last) typed.current.onTheWay = []
    else if (value !== seen && !onTheWay.includes(value)) {
      // Someone else’s: an undo, a reset, another window’s draft.
      typed.current = { last: value, seen: value, onTheWay: [] }
      view.current?.updateState(stateOf(value, isLine))
    }
  })
  useEffect(() => {
    view.current?.setProps({ nodeViews: chips(labels) })
  }, [labels])
  useEffect(() => {
    view.current?.setProps({
      attributes: {
        id,
        role: 'textbox',
        dir: 'auto',
        lang,
        'aria-labelledby': labelledBy,
        'aria-multiline': String(!isLine),
        'aria-invalid': String(isInvalid),
        'aria-describedby': describedBy,
        class: 'words-text rich',
      },
    })
  }, [id, lang, labelledBy, isLine, isInvalid, describedBy])
  return <div ref={place} class="rich-place" />
}

function stateOf(text: string, isLine: boolean): EditorState {
  const doc = toDocument(text)
  return EditorState.create({ doc, plugins: keysOf(isLine), selection: TextSelection.atEnd(doc) })
}

function paragraphsOf({ content }: Slice) {
  const first = content.firstChild
  return first?.isInline ? [schema.node('paragraph', null, content)] : content
}

function handleOf(editor: EditorView): TextHandle {
  const run = (command: Command) => {
    command(editor.state, editor.dispatch, editor)
    editor.focus()
  }
  return {
    focus: () => editor.focus(),
    insertVariable: (name) =>
      run((state, dispatch) => {
        const chosen = schema.node('variable', { source: name }, undefined, state.selection.$from.marks())
        dispatch?.(state.tr.replaceSelectionWith(chosen, false).scrollIntoView())
        return true
      }),
    toggle: (mark) => run(toggleMark(schema.marks[mark])),
    link: (target) =>
      run((state, dispatch) => {
        const { from, to, empty } = state.selection
        const mark = schema.mark('link', { target })
        const { tr } = state
        if (empty) {
          tr.insert(from, schema.text('words', [mark]))
          tr.setSelection(TextSelection.create(tr.doc, from, from + 'words'.length))
        } else tr.addMark(from, to, mark)
        dispatch?.(tr.scrollIntoView())
        return true
      }),
  }
}
