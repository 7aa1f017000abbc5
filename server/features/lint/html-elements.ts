import { parseDocument } from 'htmlparser2'

/** An element of an email with its way up to the root, outermost first. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly style: ReadonlyMap<string, string>
  readonly classes: readonly string[]
  readonly ancestors: readonly Element[]
  /** Text directly inside. */
  readonly text: string
}

interface Node {
  type: string
  name?: string
  data?: string
  attribs?: Record<string, string>
  children?: Node[]
}

export function styleOf(declarations: string): Map<string, string> {
  const style = new Map<string, string>()
  for (const part of declarations.split(';')) {
    const colon = part.indexOf(':')
    if (colon > 0)
      style.set(
        part.slice(0, colon).trim().toLowerCase(),
        part
          .slice(colon + 1)
          .replace(/!important/i, '')
          .trim(),
      )
  }
  return style
}

function* walk(node: Node, ancestors: readonly Element[]): Generator<Element> {
  for (const child of node.children ?? []) {
    if (!child.name) continue
    const attributes = child.attribs ?? {}
    const element: Element = {
      name: child.name,
      attributes,
      style: styleOf(attributes.style ?? ''),
      classes: (attributes.class ?? '').split(/\s+/).filter(Boolean),
      ancestors,
      text: (child.children ?? []).map(({ type, data }) => (type === 'text' ? (data ?? '') : '')).join(''),
    }
    yield element
    yield* walk(child, [...ancestors, element])
  }
}

export const elementsOf = (html: string): Element[] => [...walk(parseDocument(html) as unknown as Node, [])]

export const isHidden = ({ style, ancestors }: Pick<Element, 'style' | 'ancestors'>): boolean =>
  style.get('display') === 'none' || ancestors.some((ancestor) => ancestor.style.get('display') === 'none')

const unseen = new Set(['style', 'title', 'script'])

/** The words a reader sees. */
export const visibleText = (elements: readonly Element[]): string =>
  elements
    .filter((element) => !unseen.has(element.name) && !isHidden(element))
    .map(({ text }) => text.trim())
    .filter(Boolean)
    .join(' ')

/** The words inside an element, those of the elements in it included. */
export const textInside = (element: Element, elements: readonly Element[]): string =>
  visibleText(elements.filter((each) => each === element || each.ancestors.includes(element)))

export const styleSheet = (elements: readonly Element[]): string =>
  elements
    .filter(({ name }) => name === 'style')
    .map(({ text }) => text)
    .join('\n')
