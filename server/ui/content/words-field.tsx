import { useCallback, useId, useMemo, useRef, useState } from 'preact/hooks'
import type { TextField } from '../../../shared/content/blocks.ts'
import { parseExpression } from '../../../shared/content/expression.ts'
import { variablesIn } from '../../../shared/content/inline.ts'
import { mayBeMissing } from '../../../shared/content/variables.ts'
import type { Words } from '../../../shared/playbook/content.ts'
import { LinkPicker } from './link-picker.tsx'
import { PlainText } from './plain-text.tsx'
import { RichText, type VariableLabels } from './rich-text.tsx'
import type { TextHandle } from './text-handle.ts'
import type { ContentFinding, Variable } from './types.ts'
import { missingText, VariablePicker } from './variable-picker.tsx'

export type Said = Pick<Words, 'text' | 'else'>

/** Those that someone may lack, in the order in which they are named. */
const needyIn = (text: string): readonly string[] => [
  ...new Set(
    variablesIn(text)
      .flatMap((source) => {
        const expression = parseExpression(source)
        return expression && !expression.filters.includes('default') ? [expression.name] : []
      })
      .filter((name) => mayBeMissing(name)),
  ),
]

/** The words of one place in one language, with what is wrong with them, and what is said to people who lack something. */
export function WordsField({
  label,
  field,
  said,
  locale,
  variables,
  findings,
  allowsElse,
  change,
}: {
  label: string
  field: TextField
  said: Said | undefined
  locale: string
  variables: readonly Variable[]
  findings: readonly ContentFinding[]
  /** Something else than the words asks for words to those who lack it. */
  allowsElse?: boolean
  change: (said: Said) => void
}) {
  const id = useId()
  const handle = useRef<TextHandle | null>(null)
  const isRich = field.form === 'inline'
  const isWords = isRich || field.form === 'line'
  const { text = '', else: otherwise } = said ?? {}
  const put = (next: string, other = otherwise) =>
    change({ text: next, ...(other !== undefined && { else: other }) })
  // The tools keep hold of the newest.
  const newest = useRef(put)
  newest.current = put
  const changeText = useCallback((next: string) => newest.current(next), [])
  const labels = useMemo(
    () => new Map(variables.map(({ name, label: called }) => [name, called])),
    [variables],
  )
  const common = {
    id,
    value: text,
    handle,
    lang: locale,
    'aria-invalid': findings.some(({ level }) => level === 'error'),
    'aria-describedby': `${id}-findings`,
  }
  const needy = field.hasElse ? needyIn(text) : []
  return (
    <div class="words-field">
      <div class="row words-head">
        {isWords ? <span id={`${id}-label`}>{label}</span> : <label for={id}>{label}</label>}
        {isWords && <TextTools isRich={isRich} handle={handle} variables={variables} />}
      </div>
      {isWords ? (
        <RichText
          {...common}
          change={changeText}
          isLine={field.form === 'line'}
          labels={labels}
          labelledBy={`${id}-label`}
        />
      ) : (
        <PlainText {...common} change={changeText} />
      )}
      <FieldFindings id={`${id}-findings`} findings={findings} />
      {(needy.length > 0 || otherwise || allowsElse) && (
        <Otherwise
          said={otherwise}
          needy={needy}
          isRich={isRich}
          labels={labels}
          locale={locale}
          variables={variables}
          change={(other) => change({ text, ...(other !== undefined && { else: other }) })}
        />
      )}
    </div>
  )
}

/** Faults of one field. */
export function FieldFindings({ id, findings }: { id: string; findings: readonly ContentFinding[] }) {
  return (
    <ul id={id} class="field-findings" aria-live="polite">
      {findings.map(({ level, check, detail }) => (
        <li key={`${check} ${detail}`} class={`field-${level}`}>
          <span class="sr">{level === 'error' ? 'Error: ' : 'Warning: '}</span>
          {detail}
        </li>
      ))}
    </ul>
  )
}

function TextTools({
  isRich,
  handle,
  variables,
}: {
  isRich: boolean
  handle: { readonly current: TextHandle | null }
  variables: readonly Variable[]
}) {
  const [open, setOpen] = useState<'variable' | 'link' | null>(null)
  const close = () => {
    setOpen(null)
    handle.current?.focus()
  }
  return (
    <div class="text-tools">
      {isRich && (
        <>
          <button
            type="button"
            class="plain"
            aria-label="Bold"
            onClick={() => handle.current?.toggle('bold')}
          >
            <b>B</b>
          </button>
          <button
            type="button"
            class="plain"
            aria-label="Italic"
            onClick={() => handle.current?.toggle('italic')}
          >
            <i>I</i>
          </button>
          <button
            type="button"
            class="plain"
            aria-expanded={open === 'link'}
            onClick={() => setOpen(open === 'link' ? null : 'link')}
          >
            Link
          </button>
        </>
      )}
      <button
        type="button"
        class="plain"
        aria-expanded={open === 'variable'}
        onClick={() => setOpen(open === 'variable' ? null : 'variable')}
      >
        + Variable
      </button>
      {open === 'variable' && (
        <VariablePicker
          variables={variables}
          close={close}
          choose={(name) => {
            setOpen(null)
            handle.current?.insertVariable(name)
          }}
        />
      )}
      {open === 'link' && (
        <LinkPicker
          close={close}
          choose={(target) => {
            setOpen(null)
            handle.current?.link(target)
          }}
        />
      )}
    </div>
  )
}

/** What people read who lack a variable of the words. */
function Otherwise({
  said,
  needy,
  isRich,
  labels,
  locale,
  variables,
  change,
}: {
  said: string | undefined
  needy: readonly string[]
  isRich: boolean
  labels: VariableLabels
  locale: string
  variables: readonly Variable[]
  change: (said: string | undefined) => void
}) {
  const id = useId()
  const handle = useRef<TextHandle | null>(null)
  const way = said === undefined ? 'none' : said === '' ? 'out' : 'say'
  const [isSaying, setSaying] = useState(way === 'say')
  const shown = isSaying && way !== 'none' ? 'say' : way
  const known = needy.flatMap((name) => variables.find((variable) => variable.name === name) ?? [])
  return (
    <div class="otherwise">
      {known.map((variable) => (
        <p key={variable.name} class={missingText(variable) ? 'field-warning' : 'quiet'}>
          {variable.label}: {missingText(variable) || 'known of everyone who would get this now'}
        </p>
      ))}
      <div class="row start">
        <label for={`${id}-way`}>Where it is missing</label>
        <select
          id={`${id}-way`}
          value={shown}
          onChange={({ currentTarget: { value } }) => {
            setSaying(value === 'say')
            change(value === 'none' ? undefined : value === 'out' ? '' : (said ?? ''))
          }}
        >
          <option value="none">do not send this email</option>
          <option value="out">leave these words out</option>
          <option value="say">say this instead</option>
        </select>
      </div>
      {shown === 'say' && (
        <>
          <div class="row words-head">
            <span id={`${id}-label`}>Said instead</span>
            <TextTools isRich={isRich} handle={handle} variables={variables} />
          </div>
          <RichText
            id={`${id}-else`}
            labelledBy={`${id}-label`}
            value={said ?? ''}
            change={change}
            handle={handle}
            isLine={!isRich}
            labels={labels}
            lang={locale}
            aria-invalid={false}
            aria-describedby={`${id}-way`}
          />
        </>
      )}
    </div>
  )
}
