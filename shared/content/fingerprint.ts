/** Words before they are translated, as far as a translation depends on them. */
interface Source {
  readonly text: string
  readonly else?: string | undefined
}

/**
 * Short name of a wording, to see whether a translation was made from it. It guards nothing, so a fast hash will do
 * (FNV-1a, twice 32 bits).
 */
export function fingerprint({ text, else: otherwise }: Source): string {
  const input = `${text}\u0000${otherwise ?? '\u0001'}`
  let a = 0x811c9dc5
  let b = 0x01000193
  for (let index = 0; index < input.length; index++) {
    const code = input.charCodeAt(index)
    a = Math.imul(a ^ code, 0x01000193) >>> 0
    b = Math.imul(b ^ (code + index), 0x85ebca6b) >>> 0
  }
  return `${a.toString(36)}${b.toString(36)}`
}
