/** How an address gives itself away: its sign, also full-width, percent-encoded and as an entity. */
const sign = /[@＠﹫]|%40|&(?:#64|#x40|commat);/i
/** `ann [at] corp.example`; each part is bounded, so that no text takes long. */
const spelledOut = /[\p{L}\p{N}._+-]{1,64}[^\S\n]{0,3}[([{]\s?at\s?[)\]}][^\S\n]{0,3}[\p{L}\p{N}.-]{1,255}/giu
const mostChars = 10_000
const put = '…'

/** The words of names that are long enough to mean someone. */
const wordsOf = (about: readonly string[]): string[] =>
  about
    .flatMap((text) => text.split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word.length > 2)
    .map((word) => word.toLowerCase())

const partsOf = (word: string): string[] => word.toLowerCase().split(/[^\p{L}\p{N}]+/u)

function scrubbed(text: string, words: readonly string[]): string {
  const isTheirs = (word: string) => words.length > 0 && partsOf(word).some((part) => words.includes(part))
  const plain = text.slice(0, mostChars).replaceAll(spelledOut, put)
  return plain
    .split(/(\s+)/)
    .map((word) => (sign.test(word) || isTheirs(word) ? put : word))
    .join('')
}

/**
 * A value as it may stand in logs and audit rows: whatever people typed, without email addresses in any spelling.
 * @param about names and addresses of the people it is about, which are taken out too
 */
export function withoutAddresses<T>(value: T, about: readonly string[] = []): T {
  const words = wordsOf(about)
  const clean = (part: unknown): unknown => {
    if (typeof part === 'string') return scrubbed(part, words)
    if (Array.isArray(part)) return part.map(clean)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(
      Object.entries(part).map(([name, inner]) => [scrubbed(name, words), clean(inner)]),
    )
  }
  return clean(value) as T
}
