import type { ComponentChildren } from 'preact'

/** `https://…`, `http://…`, `mailto:…` and addresses of the own site; null for anything that could run code. */
export function safeUrl(url: string): string | null {
  const text = url.trim()
  if (/^(https?:\/\/|mailto:)/i.test(text)) return text
  return /^(\/(?!\/)|[?#.])|^[\w-]+(\/|$|\?|#)/.test(text) && !/^[\w-]*:/.test(text) ? text : null
}

const token = /\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g

/** Text with `**bold**` and `[links](https://…)` as nodes; nothing else is markup, so nothing can be injected. */
export function markup(text: string, onLink: () => void): ComponentChildren {
  const parts: ComponentChildren[] = []
  let from = 0
  for (const match of text.matchAll(token)) {
    const [whole, bold, label, address = ''] = match
    parts.push(text.slice(from, match.index))
    const url = safeUrl(address)
    if (bold) parts.push(<b>{bold}</b>)
    else if (url)
      parts.push(
        <a href={url} onClick={onLink}>
          {label}
        </a>,
      )
    else parts.push(label)
    from = match.index + whole.length
  }
  parts.push(text.slice(from))
  return parts
}
