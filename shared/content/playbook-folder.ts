import type { EmailContent } from '../playbook/content.ts'
import type { Fault } from '../problems.ts'
import { blockTypes } from './blocks.ts'
import { type ReadFile, readEmailFile, writeEmailFile } from './email-file.ts'

/** A playbook as files: `playbook.json`, and the words of each email in each language, so that a team keeps them in git. */

type Files = ReadonlyMap<string, string>

export interface PlacedFault {
  readonly file: string
  /** null: the file as a whole. */
  readonly line: number | null
  readonly detail: string
}

export const playbookFile = 'playbook.json'
const emailFile = /^emails\/([a-z0-9_-]{1,60})\.([A-Za-z0-9-]{2,35})\.md$/

const emailPath = (rule: string, locale: string): string => `emails/${rule}.${locale}.md`
export const isEmailFile = (path: string): boolean => emailFile.test(path)

interface Rule {
  readonly id: string
  readonly content?: EmailContent
}
interface WithRules {
  readonly messages?: readonly Rule[]
}

const rulesOf = (playbook: unknown): readonly Rule[] => {
  const { messages } = (playbook ?? {}) as WithRules
  return Array.isArray(messages) ? messages.filter((rule) => typeof rule === 'object' && rule !== null) : []
}

const withoutWords = (rule: Rule): object => {
  if (!rule.content) return rule
  const { texts: _, ...content } = rule.content
  return { ...rule, content }
}

/** @param playbook valid, as it is published. */
export function writePlaybookFolder(playbook: object): Files {
  const rules = rulesOf(playbook)
  const words = rules.flatMap(({ id, content }) =>
    content
      ? Object.keys(content.texts).map((locale): [string, string] => [
          emailPath(id, locale),
          writeEmailFile(content, locale),
        ])
      : [],
  )
  const bare = { ...playbook, messages: rules.map(withoutWords) }
  return new Map([[playbookFile, `${JSON.stringify(bare, null, 2)}\n`], ...words])
}

type Folder =
  | {
      readonly ok: true
      /** Not yet checked. */
      readonly playbook: unknown
      /** Where a fault of the playbook is to be mended. */
      readonly placeOf: (fault: Fault) => PlacedFault
    }
  | { readonly ok: false; readonly faults: readonly PlacedFault[] }

const whole = (file: string, detail: string): PlacedFault => ({ file, line: null, detail })

function lineOfJsonError(text: string, error: unknown): number | null {
  const at = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
  return at === undefined ? null : text.slice(0, Number(at)).split('\n').length
}

type Read = ReadonlyMap<string, ReadFile>

/** `3, title, en: …`, as the check of a playbook words it. */
const wordsFault = /^(?:([a-z][a-z0-9_-]*), )?([a-z][a-z0-9_]*), ([A-Za-z0-9-]{2,35}): /

function placer(rules: readonly Rule[], read: Read): (fault: Fault) => PlacedFault {
  return ({ pointer, detail }) => {
    const [, index, rest = ''] = /^\/messages\/(\d+)\/content(\/.*)?$/.exec(pointer) ?? []
    const rule = rules[Number(index)]
    const [, , locale, key] = rest.split('/')
    const [, block, field, said] = wordsFault.exec(detail) ?? []
    const file = rule && emailPath(rule.id, locale ?? said ?? '')
    const words = file === undefined ? undefined : read.get(file)
    if (file === undefined || !words) return whole(playbookFile, `${pointer || '/'} ${detail}`)
    const place = key ?? (block === undefined ? (field ?? '') : `${block}.${field}`)
    return { file, line: words.lines[place] ?? null, detail }
  }
}

/** @param files by path below the folder; those that are none of ours are left alone. */
export function readPlaybookFolder(files: Files): Folder {
  const source = files.get(playbookFile)
  if (source === undefined) return { ok: false, faults: [whole(playbookFile, 'There is no such file.')] }
  let bare: unknown
  try {
    bare = JSON.parse(source)
  } catch (error) {
    const detail = `This is no JSON: ${error instanceof Error ? error.message : String(error)}`
    return { ok: false, faults: [{ file: playbookFile, line: lineOfJsonError(source, error), detail }] }
  }
  const rules = rulesOf(bare)
  const faults: PlacedFault[] = []
  const read = new Map<string, ReadFile>()
  const texts = new Map<string, EmailContent['texts']>()
  for (const [file, text] of files) {
    const [, id = '', locale = ''] = emailFile.exec(file) ?? []
    if (id === '') continue
    const content = rules.find((rule) => rule.id === id)?.content
    if (!content) faults.push(whole(file, `No email “${id}” of ${playbookFile} has content of its own.`))
    else if (content.texts) faults.push(whole(file, `${playbookFile} has words of “${id}” as well.`))
    else {
      const words = readEmailFile(text, asContent(content))
      read.set(file, words)
      faults.push(...words.faults.map((fault) => ({ file, ...fault })))
      texts.set(id, { ...texts.get(id), [locale]: words.texts })
    }
  }
  if (faults.length > 0) return { ok: false, faults }
  const merged = rules.map((rule) =>
    rule.content && !rule.content.texts
      ? { ...rule, content: { ...rule.content, texts: texts.get(rule.id) ?? {} } }
      : rule,
  )
  const playbook = rules.length > 0 ? { ...(bare as object), messages: merged } : bare
  return { ok: true, playbook, placeOf: placer(rules, read) }
}

const isBlock = (block: unknown): boolean =>
  (blockTypes as readonly unknown[]).includes((block as { type?: unknown } | null)?.type)

/** Someone may have written anything; blocks that are none have no words. */
function asContent(content: EmailContent): EmailContent {
  if (content.format !== 'blocks') return { ...content, texts: {} }
  const blocks = Array.isArray(content.blocks) ? content.blocks.filter(isBlock) : []
  return { ...content, blocks, texts: {} }
}
