import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { readEmailFile } from '../../shared/content/email-file.ts'
import { fingerprint } from '../../shared/content/fingerprint.ts'
import { type BlockContent, emailContentSchema, type Words } from '../../shared/playbook/content.ts'

/** `templates/gallery/<id>/`: `content.json` with the blocks, and the words of each language as `<language>.md`. */

export interface GalleryEmail {
  readonly id: string
  readonly name: string
  readonly purpose: string
  readonly content: BlockContent
}

const fileSchema = z.strictObject({
  name: z.string(),
  purpose: z.string(),
  layout: z.enum(['designed', 'personal']),
  blocks: z.array(z.unknown()),
})

const source = 'en'

function readEmail(folder: string, id: string): GalleryEmail {
  const read = (file: string) => readFileSync(join(folder, id, file), 'utf8')
  const { name, purpose, layout, blocks } = fileSchema.parse(JSON.parse(read('content.json')))
  const bare = emailContentSchema.parse({ format: 'blocks', source, layout, blocks, texts: {} })
  const wordsIn = (file: string): Record<string, Words> => {
    const { texts, faults } = readEmailFile(read(file), bare)
    const [fault] = faults
    if (fault) throw new Error(`gallery/${id}/${file}:${fault.line}: ${fault.detail}`)
    return texts
  }
  const english = wordsIn(`${source}.md`)
  const translated = (words: Record<string, Words>) =>
    Object.fromEntries(
      Object.entries(words).map(([key, said]) => [key, { ...said, from: fingerprint(english[key] ?? said) }]),
    )
  const texts = readdirSync(join(folder, id))
    .filter((file) => file.endsWith('.md'))
    .map((file) => [file.slice(0, -'.md'.length), wordsIn(file)] as const)
    .map(([locale, words]) => [locale, locale === source ? english : translated(words)])
  const content = emailContentSchema.parse({ ...bare, texts: Object.fromEntries(texts) })
  if (content.format !== 'blocks') throw new Error('an email of the gallery is made of blocks')
  return { id, name, purpose, content }
}

/** By their names. @throws when a file cannot be read, named with its line. */
export function readGallery(templatesDir: string): readonly GalleryEmail[] {
  const folder = join(templatesDir, 'gallery')
  return readdirSync(folder)
    .map((id) => readEmail(folder, id))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}
