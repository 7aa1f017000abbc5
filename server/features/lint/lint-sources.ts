import { Liquid } from 'liquidjs'
import { error, type Finding } from './finding.ts'
import { isKnownFact } from './known-facts.ts'

/** A fault in a template itself, whatever is written with it. */
export type SourceFinding = Finding & { readonly file: string }

const filters = (source: string): string[] =>
  [...source.matchAll(/\{[{%]-?([\s\S]*?)-?[%}]\}/g)].flatMap(([, inside = '']) =>
    [...inside.replace(/'[^']*'|"[^"]*"/g, '').matchAll(/\|\s*(\w+)/g)].map(([, name = '']) => name),
  )

function filterFindings(path: string, source: string): Finding[] {
  const used = new Set(filters(source))
  return [
    ...(used.has('raw') && !path.startsWith('layouts/')
      ? [error('source-raw', '`| raw` prints user text unescaped; only a layout may use it.')]
      : []),
    ...(used.has('escape') || used.has('escape_once')
      ? [error('source-escape', 'Everything is escaped already; `| escape` does it twice.')]
      : []),
  ]
}

/** Reading something that is not there refuses an email, but `{% if %}` would only never be true. */
function variableFindings(liquid: Liquid, path: string, source: string): Finding[] {
  try {
    const read = liquid.globalVariableSegmentsSync(liquid.parse(source, path))
    const unknown = read
      .map((segments) => segments.map(String))
      .filter((segments) => !isKnownFact(segments, path.startsWith('blocks/')))
    return [...new Set(unknown.map((segments) => segments.join('.')))].map((name) =>
      error('source-variable', `There is no variable “${name}”.`),
    )
  } catch (cause) {
    return [
      error('source-syntax', cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)),
    ]
  }
}

/**
 * Looks at the templates themselves.
 * @param templates source by path without `.liquid`. Partials are followed from the emails and blocks that use them.
 */
export function lintSources(templates: Readonly<Record<string, string>>): SourceFinding[] {
  const liquid = new Liquid({ templates: { ...templates } })
  return Object.entries(templates).flatMap(([path, source]) =>
    [
      ...filterFindings(path, source),
      ...(/^(emails|blocks)\//.test(path) ? variableFindings(liquid, path, source) : []),
    ].map((finding) => ({ ...finding, file: `${path}.liquid` })),
  )
}
