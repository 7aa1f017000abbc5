/** Fields and headers are read so far; none that we know is longer. */
const fieldMaxChars = 8000
const maxGroups = 50
const maxFields = 500

/** RFC 822 style fields: folded lines joined, names lower-cased, the first of each name kept. */
export function fieldsOf(block: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const at = line.indexOf(':')
    const name = at > 0 && at < 100 ? line.slice(0, at).trimEnd().toLowerCase() : ''
    if (!/^[!-9;-~]{1,100}$/.test(name) || fields.has(name)) continue
    fields.set(name, line.slice(at + 1, at + 1 + fieldMaxChars).trim())
    if (fields.size === maxFields) break
  }
  return fields
}

/** RFC 3464 §2.1: fields about the message, an empty line, then a group for each recipient. */
export const groupsOf = (content: string): Map<string, string>[] =>
  content
    .split(/\r?\n[ \t]*\r?\n/, maxGroups)
    .flatMap(recipientsOf)
    .map(fieldsOf)
    .filter((fields) => fields.size > 0)

/** Some forget the empty line between recipients. */
const recipientsOf = (block: string): string[] => {
  const parts = block.split(/^(?=final-recipient:)/im, maxGroups)
  return parts.length > 2 ? parts : [block]
}

export const headerBlock = (content: string): string => content.split(/\r?\n\r?\n/, 1)[0] ?? ''
