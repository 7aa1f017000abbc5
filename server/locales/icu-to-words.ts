import { IntlMessageFormat } from 'intl-messageformat'
import { escapeInline } from '../../shared/content/inline.ts'

/**
 * Our own words are ICU messages, those of a block are inline Markdown with variables. This writes the one as the
 * other, so that an email of ours can be edited: `{date}` → `{{ trial.endsAt }}`, `<b>…</b>` → `**…**`, a plural →
 * the filter `plural`.
 */

type Part = ReturnType<IntlMessageFormat['getAst']>[number]

/** Kinds of parts, as the parser numbers them. */
const kinds = { literal: 0, argument: 1, plural: 6, pound: 7, tag: 8 } as const

const quoted = (text: string): string => (text.includes("'") ? `"${text}"` : `'${text}'`)

/** The forms of a plural hold words and `#` only. */
function form(parts: readonly Part[]): string {
  return parts
    .map((part) => {
      if (part.type === kinds.literal) return part.value
      if (part.type === kinds.pound) return '#'
      throw new Error('a plural of an email may hold words and # only')
    })
    .join('')
}

type VariableOf = (slot: string, isFirst: boolean) => string

function written(part: Part, variableOf: VariableOf, isFirst = false): string {
  switch (part.type) {
    case kinds.literal:
      return escapeInline(part.value)
    case kinds.argument:
      return `{{ ${variableOf(part.value, isFirst)} }}`
    case kinds.plural: {
      const forms = Object.entries(part.options).map(([name, { value }]) => `${name}: ${quoted(form(value))}`)
      return `{{ ${variableOf(part.value, isFirst)} | plural: ${forms.join(', ')} }}`
    }
    case kinds.tag:
      return `**${part.children.map((child) => written(child, variableOf)).join('')}**`
    default:
      throw new Error(`an email cannot be written with "${JSON.stringify(part)}"`)
  }
}

/** @param variableOf what a slot of the message is called in an email; `isFirst`: the message begins with it. */
export const icuToWords = (message: string, variableOf: VariableOf): string =>
  new IntlMessageFormat(message, 'en')
    .getAst()
    .map((part, index) => written(part, variableOf, index === 0))
    .join('')
