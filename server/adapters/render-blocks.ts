import { Context, type Liquid } from 'liquidjs'
import { conditionHolds } from '../../shared/condition.ts'
import { blockFields, type TextField } from '../../shared/content/blocks.ts'
import type { MailView } from '../../shared/mail-view.ts'
import type { BlockContent, ContentBlock, Words } from '../../shared/playbook/content.ts'
import { viewConditionFacts } from '../domain/messages/view-facts.ts'
import { columnsOf } from '../locales/columns.ts'
import { writeDate, writeList, writeNumber } from '../locales/write.ts'
import type { RenderReport } from '../ports.ts'
import { linkTo } from './render-links.ts'
import { type WordScope, wordScope } from './render-scope.ts'
import type { WordsOutcome, WordsParts, WriteWords, Written } from './render-words.ts'
import { ownText, quantity, type RenderState } from './render-worker-filters.ts'

/** Writes the blocks of an email and its inbox row, for one person, in one language. */

type BlockState = RenderReport['blocks'][number]['state']
type MissingVariable = RenderReport['missing'][number]
type WrittenBlock = RenderReport['blocks'][number]

export interface BlocksRequest {
  readonly content: BlockContent
  /** Words of the language the email is in. */
  readonly words: Readonly<Record<string, Words>>
  /** Ids of blocks whose condition does not hold; null: as far as the facts of the email can tell. */
  readonly leftOut: readonly string[] | null
  /** Which of the subjects. */
  readonly variant: number
}

export interface BlocksResult {
  readonly subject: string
  readonly preheader: string
  readonly blocks: readonly WrittenBlock[]
  readonly missing: readonly MissingVariable[]
}

/** Fills `blocks/<type>/html` or `text`. */
type FillBlock = (type: ContentBlock['type'], form: 'html' | 'text', globals: object) => string

const instants = new Set(['startsAt', 'endsAt', 'deadline', 'before', 'now'])
const widestSubject = 35

/** A value as a person reads it. */
function writeValue(value: unknown, name: string, state: RenderState): string | null {
  const { locale } = state.writing
  if (typeof value === 'string') return value.trim() === '' ? null : value
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || value <= 0) return null
    return instants.has(name.split('.').at(-1) ?? '')
      ? writeDate(value, 'long', state.writing)
      : writeNumber(value, locale)
  }
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.length === 0 ? null : writeList(value, locale)
  const isNumberOfPlaybook = typeof value === 'object' && value !== null && 'n' in value && 'label' in value
  return isNumberOfPlaybook ? quantity(value, state) : null
}

function valueAt(scope: WordScope, name: string): unknown {
  let value: unknown = scope
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as WordScope)[part]
  }
  return value
}

function isKnown(scope: WordScope, name: string): boolean {
  const value = valueAt(scope, name)
  if (Array.isArray(value)) return value.length > 0
  return value !== undefined && value !== null && value !== '' && value !== 0 && value !== false
}

/** `none` is said only where a list is empty; plain words stand beside HTML. */
const isVital = ({ name, form, required }: TextField): boolean =>
  required && name !== 'none' && form !== 'plain'

export interface BlockWriter {
  readonly write: WriteWords
  /** HTML and plain text in Liquid, sanitised. */
  readonly writeRaw: (source: string, form: 'html' | 'plain') => Written
  readonly liquid: Liquid
  readonly fill: FillBlock
}

/** @param facts what templates read. */
export function writeBlocks(
  request: BlocksRequest,
  { write, writeRaw, liquid, fill }: BlockWriter,
  { state, view, facts }: { state: RenderState; view: MailView; facts: object },
): BlocksResult {
  const scope = wordScope(view, state.locale, (text) => ownText(text, state))
  const missing: MissingVariable[] = []
  const parts: WordsParts = {
    context: new Context(scope, liquid.options, { sync: true }),
    locale: state.locale,
    write: (value, name) => writeValue(value, name, state),
    linkTo: (target) => linkTo(target, state),
    linkColour: state.linkColour,
  }
  const note = (outcome: WordsOutcome, block: string | null, field: string | null): void => {
    const { effect } = outcome
    if (effect === 'said') return
    for (const variable of outcome.missing) missing.push({ variable, block, field, effect })
  }

  const line = (key: string, isSubject: boolean): string => {
    const words = request.words[key]
    if (!words) return ''
    const outcome = write(words, parts)
    note(outcome, null, key)
    const said = outcome.paragraphs.map(({ text }) => text).join(' ')
    const isWide = isSubject && outcome.effect === 'said' && columnsOf(said) > widestSubject
    if (!isWide || !words.else?.trim()) return said
    return (
      write({ text: words.else }, parts)
        .paragraphs.map(({ text }) => text)
        .join(' ') || said
    )
  }

  const wordsOf = (block: ContentBlock, field: TextField, lacks: readonly string[]): readonly Written[] => {
    const words = request.words[`${block.id}.${field.name}`]
    if (!words || words.text.trim() === '') return []
    if (field.form === 'html' || field.form === 'plain') return [writeRaw(words.text, field.form)]
    const outcome = write(words, parts, lacks)
    note(outcome, block.id, field.name)
    return outcome.paragraphs
  }

  const facts0 = viewConditionFacts(view)
  const isAsked = (block: ContentBlock): boolean =>
    request.leftOut ? !request.leftOut.includes(block.id) : !block.when || conditionHolds(block.when, facts0)

  let previous = ''
  let hasHeading = false
  const one = (block: ContentBlock): WrittenBlock => {
    const nothing = (why: BlockState): WrittenBlock => ({ id: block.id, state: why, html: '', text: '' })
    if (!isAsked(block)) return nothing('condition')
    const lacks = (block.needs ?? []).filter((name) => !isKnown(scope, name))
    const fields = blockFields[block.type]
    if (lacks.length > 0 && fields.length === 0) return nothing('missing')
    // Each has a place, because templates refuse what is not there.
    const words: Record<string, readonly Written[] | null> = {}
    for (const field of fields) {
      const said = wordsOf(block, field, lacks)
      words[field.name] = said.length > 0 ? said : null
    }
    // A heading over nothing, or a button without words, is worse than none.
    if (fields.some((field) => isVital(field) && !words[field.name])) return nothing('missing')
    const globals = {
      ...facts,
      block: { only: null, dark: null, ...block },
      words,
      layout: request.content.layout,
      previous,
      title: hasHeading ? 'h2' : 'h1',
      href: 'to' in block && block.to ? linkTo(block.to === 'url' ? (block.url ?? '') : block.to, state) : '',
    }
    const html = fill(block.type, 'html', globals).trim()
    if (html === '') return nothing('nothing_to_say')
    previous = block.type
    hasHeading ||= block.type === 'heading'
    return { id: block.id, state: 'shown', html, text: fill(block.type, 'text', globals).trim() }
  }

  const subjectKey = request.variant > 0 ? `subject_${request.variant + 1}` : 'subject'
  return {
    subject: line(request.words[subjectKey] ? subjectKey : 'subject', true),
    preheader: line('preheader', false),
    blocks: request.content.blocks.map(one),
    missing,
  }
}
