import type { ContentBlock, EmailContent } from '../playbook/content.ts'
import { textPlaces } from './languages.ts'

/** What an email says, one line for each thing that can change: two of them compare line by line. */
export function contentLines(content: EmailContent): readonly string[] {
  const blocks = content.format === 'blocks' ? content.blocks : []
  return [
    `Layout: ${content.layout}`,
    ...(blocks.length > 0 ? [`Blocks: ${blocks.map(({ id }) => id).join(', ')}`] : []),
    ...blocks.flatMap(memberLines),
    ...localesOf(content).flatMap((locale) => wordLines(content, locale)),
  ]
}

/** The source first. */
const localesOf = ({ source, texts }: EmailContent): readonly string[] => [
  source,
  ...Object.keys(texts)
    .filter((locale) => locale !== source)
    .toSorted(),
]

function memberLines({ id, type, ...members }: ContentBlock): readonly string[] {
  const said = Object.entries(members).filter(([, value]) => value !== undefined)
  return said.map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return `${id} (${type}), ${name}: ${text}`
  })
}

const wordLines = (content: EmailContent, locale: string): readonly string[] =>
  textPlaces(content).flatMap(({ key }) => {
    const words = content.texts[locale]?.[key]
    if (!words) return []
    const otherwise = words.else === undefined ? '' : ` · else: ${words.else || 'left out'}`
    return [`${key} (${locale}): ${words.text}${otherwise}`]
  })
