import { error, type Finding, warning } from './finding.ts'
import { type Element, styleSheet } from './html-elements.ts'

/** Gmail cuts emails there. */
const mostBytes = 102_400
const manyBytes = 80_000
const widest = 640
const forbidden = new Set(['script', 'form', 'iframe', 'object', 'embed', 'link', 'video', 'audio', 'base'])

export function lintSize(html: string): Finding[] {
  const bytes = Buffer.byteLength(html)
  if (bytes > mostBytes) return [error('size', `${bytes} bytes; Gmail cuts at ${mostBytes}.`)]
  return bytes > manyBytes ? [warning('size', `${bytes} bytes`)] : []
}

/** What surrounds the content: language, title, dark mode. */
export function lintShell(elements: readonly Element[]): Finding[] {
  const root = elements.find(({ name }) => name === 'html')
  const css = styleSheet(elements)
  const hasMeta = (name: string) =>
    elements.some((element) => element.name === 'meta' && element.attributes.name === name)
  const hasTitle = elements.some(({ name, text }) => name === 'title' && text.trim() !== '')
  const isDark = hasMeta('color-scheme') && css.includes('prefers-color-scheme: dark')
  return [
    ...(root?.attributes.lang ? [] : [error('lang', 'There is no lang.')]),
    ...(root?.attributes.dir ? [] : [error('dir', 'There is no dir.')]),
    ...(hasTitle ? [] : [error('title', 'There is no title.')]),
    ...(hasMeta('viewport') ? [] : [error('viewport', 'There is no viewport meta.')]),
    ...(isDark ? [] : [error('dark-mode', 'color-scheme meta or dark rules are missing.')]),
  ]
}

/** What email clients strip, block or show wrongly. */
export function lintMarkup(elements: readonly Element[]): Finding[] {
  const css = styleSheet(elements)
  const styles = [css, ...elements.map(({ attributes }) => attributes.style ?? '')].join('\n')
  const findings = elements.flatMap(({ name, attributes, style }) => [
    ...(forbidden.has(name) ? [error('element', `<${name}> does not belong in an email.`)] : []),
    ...(style.has('position') ? [error('css', 'position is not supported.')] : []),
    ...(name === 'table' && attributes.role !== 'presentation'
      ? [error('table-role', 'A layout table without role="presentation".')]
      : []),
    ...(Number(attributes.width) > widest ? [error('width', `${attributes.width} px is too wide.`)] : []),
    ...(Object.keys(attributes).some((attribute) => attribute.startsWith('on'))
      ? [error('script', 'The email contains an event handler.')]
      : []),
  ])
  if (/@import|@font-face|url\(\s*['"]?(?:https?:)?\/\//i.test(styles))
    findings.push(error('external-css', 'A style sheet loads styles, fonts or images from another server.'))
  if (/[{;]\s*position\s*:/i.test(css)) findings.push(error('css', 'position is not supported.'))
  return findings
}
