import { contrastRatio, sixDigits } from '../../../shared/brand/colour.ts'
import { error, type Finding, warning } from './finding.ts'
import { type Element, isHidden, styleOf, styleSheet } from './html-elements.ts'

/** Rules of the dark palette: `.class` and `.class tag`, which is all that emails use. */
interface DarkRule {
  readonly className: string
  readonly tag: string | null
  readonly style: ReadonlyMap<string, string>
}

/** Colours of one element as they come to be, its own or those around it. */
interface Paint {
  readonly color: string | null
  readonly background: string | null
  /** Only its own. */
  readonly border: string | null
}

const leastText = 4.5
/** Of what tells a control from its surroundings, WCAG 2 §1.4.11. */
const leastEdge = 3

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

/** `border: 1px solid #1a5fb4` names a colour, too. */
const borderOf = (element: Element, rules: readonly DarkRule[]): string | null =>
  declared(element, 'border-color', rules) ??
  /#[0-9a-f]{3,6}\b/i.exec(declared(element, 'border', rules) ?? '')?.[0] ??
  null

/** Elements come before those inside them, so what is inherited is known already. */
function paintsOf(elements: readonly Element[], rules: readonly DarkRule[]): Map<Element, Paint> {
  const paints = new Map<Element, Paint>()
  for (const element of elements) {
    const around = paints.get(element.ancestors.at(-1) as Element)
    paints.set(element, {
      color: declared(element, 'color', rules) ?? around?.color ?? null,
      background: declared(element, 'background-color', rules) ?? around?.background ?? null,
      border: borderOf(element, rules),
    })
  }
  return paints
}

const pure = new Set(['#000000', '#ffffff'])
const isPure = (color: string): boolean => pure.has(sixDigits(color).toLowerCase())

function textFinding(palette: string, { color, background }: Paint): Finding | null {
  const what = `${palette}: ${color ?? 'no colour'} on ${background ?? 'no background'}`
  const ratio = color && background ? contrastRatio(color, background) : null
  if (ratio === null || !color || !background) return error('contrast', `${what} cannot be compared`)
  if (ratio < leastText) return error('contrast', `${what} is ${ratio.toFixed(2)}; at least ${leastText}`)
  // Email programs that turn colours round make glaring pairs of them.
  return isPure(color) && isPure(background) ? warning('pure-colours', `${what} glares`) : null
}

const isButton = (element: Element): boolean =>
  element.classes.includes('button') || (element.name === 'a' && element.style.has('background-color'))

/** The area of a button, or its border, stands out from what it lies on. */
function edgeFinding(palette: string, button: Element, paints: ReadonlyMap<Element, Paint>): Finding | null {
  const around = paints.get(button.ancestors.at(-1) as Element)?.background ?? null
  const { background, border } = paints.get(button) as Paint
  const ratios = [background, border].map(
    (edge) => (edge && around ? contrastRatio(edge, around) : null) ?? 0,
  )
  const best = Math.max(...ratios)
  if (best >= leastEdge) return null
  const what = `${palette}: a button of ${background ?? 'no colour'} on ${around ?? 'no background'}`
  return error('button-edge', `${what} is ${best.toFixed(2)}; at least ${leastEdge}`)
}

const wordless = new Set(['style', 'title'])

/** Every text against its background and every button against its surroundings, in both palettes. */
export function lintContrast(elements: readonly Element[]): Finding[] {
  const palettes = { light: [], dark: darkRules(styleSheet(elements)) }
  const found = new Map<string, Finding>()
  for (const [palette, rules] of Object.entries(palettes)) {
    const paints = paintsOf(elements, rules)
    for (const element of elements) {
      const hasText = element.text.trim() !== '' && !wordless.has(element.name)
      if (isHidden(element)) continue
      const findings = [
        hasText ? textFinding(palette, paints.get(element) as Paint) : null,
        isButton(element) ? edgeFinding(palette, element, paints) : null,
      ]
      for (const finding of findings) if (finding) found.set(finding.detail, finding)
    }
  }
  return [...found.values()]
}
