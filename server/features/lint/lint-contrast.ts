import { error, type Finding } from './finding.ts'
import { type Element, isHidden, styleOf } from './html-elements.ts'

/** Rules of the dark palette: `.class` and `.class tag`, which is all that mails use. */
interface DarkRule {
  readonly className: string
  readonly tag: string | null
  readonly style: ReadonlyMap<string, string>
}

function darkRules(css: string): DarkRule[] {
  const block = /@media \(prefers-color-scheme: dark\) \{([\s\S]*?)\n\}/.exec(css)?.[1] ?? ''
  return [...block.matchAll(/\.([\w-]+)(?: (\w+))? \{([^}]*)\}/g)].map(
    ([, className = '', tag, body = '']) => ({
      className,
      tag: tag ?? null,
      style: styleOf(body),
    }),
  )
}

function channels(color: string): [number, number, number] | null {
  const hex = /^#([0-9a-f]{6})$/i.exec(color)?.[1]
  if (!hex) return null
  const at = (index: number) => Number.parseInt(hex.slice(index, index + 2), 16) / 255
  return [at(0), at(2), at(4)]
}

/** WCAG 2 relative luminance. */
function luminance(color: string): number | null {
  const rgb = channels(color)
  if (!rgb) return null
  const [r, g, b] = rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** @returns 1 to 21, or null when a colour is not written as #rrggbb. */
export function contrastRatio(a: string, b: string): number | null {
  const [first, second] = [luminance(a), luminance(b)]
  if (first === null || second === null) return null
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05)
}

const leastText = 4.5

function declared(element: Element, property: string, rules: readonly DarkRule[]): string | null {
  const own = rules.find(
    ({ className, tag, style }) =>
      style.has(property) &&
      (tag === null
        ? element.classes.includes(className)
        : tag === element.name && element.ancestors.some(({ classes }) => classes.includes(className))),
  )
  return own?.style.get(property) ?? element.style.get(property) ?? null
}

const nearest = (element: Element, property: string, rules: readonly DarkRule[]): string | null => {
  for (const each of [element, ...element.ancestors.toReversed()]) {
    const value = declared(each, property, rules)
    if (value) return value
  }
  return null
}

/** Every text against its background, in the light and in the dark palette. */
export function lintContrast(elements: readonly Element[]): Finding[] {
  const css = elements.find(({ name }) => name === 'style')?.text ?? ''
  const palettes = { light: [], dark: darkRules(css) }
  const found = new Map<string, Finding>()
  for (const [palette, rules] of Object.entries(palettes))
    for (const element of elements) {
      if (element.text.trim() === '' || isHidden(element) || ['style', 'title'].includes(element.name))
        continue
      const color = nearest(element, 'color', rules)
      const background = nearest(element, 'background-color', rules)
      const ratio = color && background ? contrastRatio(color, background) : null
      const what = `${palette}: ${color ?? 'no colour'} on ${background ?? 'no background'}`
      if (ratio === null) found.set(what, error('contrast', `${what} cannot be compared`))
      else if (ratio < leastText)
        found.set(what, error('contrast', `${what} is ${ratio.toFixed(2)}; at least ${leastText}`))
    }
  return [...found.values()]
}
