import { type Child, h } from './dom.ts'

/** Addresses of the own site, `https://…`, `http://…` and `mailto:…`; null for anything that could run code. */
export function safeUrl(url: string): string | null {
  const scheme = /^\s*([a-z][a-z\d+.-]*):/i.exec(url.replace(/[\p{Cc}\s]/gu, ''))?.[1]
  return !scheme || /^(https?|mailto)$/i.test(scheme) ? url.trim() : null
}

const token = /\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g

/** Text with `**bold**` and `[links](https://…)` as nodes; nothing else is markup. */
export function markup(text: string, click: () => void): Child[] {
  const parts: Child[] = []
  let from = 0
  for (const match of text.matchAll(token)) {
    const [whole, bold, label = '', address = ''] = match
    const href = safeUrl(address)
    parts.push(
      text.slice(from, match.index),
      bold ? h('b', null, bold) : href ? h('a', { href, click }, label) : label,
    )
    from = match.index + whole.length
  }
  return [...parts, text.slice(from)]
}

/** The same text without markup, for the voice. */
export const plain = (text: string): string => text.replace(token, '$1$2')
