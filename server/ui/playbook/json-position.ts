/**
 * Where in a JSON text the value of an RFC 6901 pointer begins; for showing a fault where it stands.
 * @returns the offset of the deepest value on the way that exists, 0 when there is none.
 */
export function jsonPosition(text: string, pointer: string): number {
  const path = pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
  let at = 0

  const blank = () => {
    while (/\s/.test(text[at] ?? '')) at++
  }
  const string = (): string => {
    const start = at++
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    at++
    return JSON.parse(text.slice(start, at)) as string
  }
  /** Walks over a value. @returns the offset of what was looked for inside it, or null. */
  const value = (wanted: readonly string[] | null): number | null => {
    blank()
    const start = at
    const opening = text[at]
    if (opening !== '{' && opening !== '[') {
      if (opening === '"') string()
      else while (at < text.length && !/[,\]}\s]/.test(text[at] as string)) at++
      return wanted ? start : null
    }
    let found: number | null = null
    at++
    for (let index = 0; ; index++) {
      blank()
      if (at >= text.length || text[at] === '}' || text[at] === ']') break
      const name = opening === '{' ? string() : String(index)
      blank()
      if (opening === '{') at++
      const inside = value(wanted && wanted[0] === name ? wanted.slice(1) : null)
      found ??= inside
      blank()
      if (text[at] === ',') at++
    }
    at++
    return wanted ? (found ?? start) : null
  }

  try {
    return value(path) ?? 0
  } catch {
    return 0
  }
}

/** 1-based. */
export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length
