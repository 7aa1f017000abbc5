import { Fragment, type Mark, type Node, Schema } from 'prosemirror-model'
import { escapeInline, type Inline, parseInline } from '../../../shared/content/inline.ts'

/** The words of a place as a document of ProseMirror, and back as the inline Markdown they are stored in. */

export const schema = new Schema({
  nodes: {
    doc: { content: 'paragraph+' },
    paragraph: {
      content: 'inline*',
      parseDOM: [{ tag: 'p' }, { tag: 'div' }, { tag: 'li' }, { tag: 'h1' }, { tag: 'h2' }, { tag: 'h3' }],
      toDOM: () => ['p', 0],
    },
    text: { group: 'inline' },
    break: {
      inline: true,
      group: 'inline',
      selectable: false,
      parseDOM: [{ tag: 'br' }],
      toDOM: () => ['br'],
    },
    variable: {
      inline: true,
      group: 'inline',
      atom: true,
      attrs: { source: { default: '' } },
      parseDOM: [
        {
          tag: 'span[data-variable]',
          getAttrs: (element) => ({ source: element.getAttribute('data-variable') ?? '' }),
        },
      ],
      toDOM: ({ attrs }) => ['span', { 'data-variable': attrs.source, class: 'variable' }, attrs.source],
    },
  },
  marks: {
    link: {
      attrs: { target: { default: '' } },
      inclusive: false,
      parseDOM: [
        { tag: 'a[href]', getAttrs: (element) => linkAttributes(element.getAttribute('href') ?? '') },
        {
          tag: 'span[data-target]',
          getAttrs: (element) => ({ target: element.getAttribute('data-target') }),
        },
      ],
      // No `a`: it would lead out of the editor.
      toDOM: ({ attrs }) => [
        'span',
        { 'data-target': attrs.target, class: 'linked', title: attrs.target },
        0,
      ],
    },
    bold: { parseDOM: [{ tag: 'strong' }, { tag: 'b' }], toDOM: () => ['strong', 0] },
    italic: { parseDOM: [{ tag: 'em' }, { tag: 'i' }], toDOM: () => ['em', 0] },
  },
})

/** Of what is pasted, only what an email may open. */
const linkAttributes = (href: string): { target: string } | false =>
  /^https:\/\/[^\s()]+$/.test(href) ? { target: href } : false

function nodesOf(inlines: readonly Inline[], marks: readonly Mark[]): Node[] {
  return inlines.flatMap((inline): Node[] => {
    switch (inline.type) {
      case 'text':
        return inline.text === '' ? [] : [schema.text(inline.text, marks)]
      case 'break':
        return [schema.node('break', null, undefined, marks)]
      case 'variable':
        return [schema.node('variable', { source: inline.source }, undefined, marks)]
      case 'link':
        return nodesOf(inline.children, [...marks, schema.mark('link', { target: inline.target })])
      default:
        return nodesOf(inline.children, [...marks, schema.mark(inline.type)])
    }
  })
}

export function toDocument(text: string): Node {
  const paragraphs = parseInline(text).map((inlines) => schema.node('paragraph', null, nodesOf(inlines, [])))
  return schema.node('doc', null, paragraphs.length > 0 ? paragraphs : [schema.node('paragraph')])
}

const order = ['link', 'bold', 'italic'] as const
type MarkName = (typeof order)[number]

const closing = (mark: Mark): string =>
  mark.type.name === 'link' ? `](${mark.attrs.target})` : mark.type.name === 'bold' ? '**' : '*'
const opening = (mark: Mark): string => (mark.type.name === 'link' ? '[' : closing(mark))

const plainOf = (node: Node): string => {
  // A brace before a variable would be read as one of its own.
  if (node.isText) return escapeInline(node.text ?? '').replace(/\{$/, '\\{')
  return node.type.name === 'break' ? '\n' : `{{ ${node.attrs.source} }}`
}

interface Piece {
  readonly node: Node
  readonly marks: readonly Mark[]
}

const common = (marks: readonly Mark[], neighbour: Node | undefined): readonly Mark[] =>
  neighbour ? marks.filter((mark) => mark.isInSet(neighbour.marks)) : []

/** Space at the edge of a mark goes outside of it: Markdown marks stand against words. */
function withoutEdgeSpace(nodes: readonly Node[]): readonly Piece[] {
  return nodes.flatMap((node, index): Piece[] => {
    if (node.type.name === 'break') return [{ node, marks: [] }]
    const { marks } = node
    if (!node.isText || marks.length === 0) return [{ node, marks }]
    const [before, after] = [common(marks, nodes[index - 1]), common(marks, nodes[index + 1])]
    const text = node.text ?? ''
    const words = text.trim()
    if (words === '') return [{ node, marks: before.filter((mark) => mark.isInSet(after)) }]
    const start = text.length - text.trimStart().length
    const end = start + words.length
    const piece = (part: string, of: readonly Mark[]): Piece[] =>
      part === '' ? [] : [{ node: schema.text(part), marks: of }]
    return [...piece(text.slice(0, start), before), ...piece(words, marks), ...piece(text.slice(end), after)]
  })
}

const sorted = (marks: readonly Mark[]): Mark[] =>
  [...marks].sort((a, b) => order.indexOf(a.type.name as MarkName) - order.indexOf(b.type.name as MarkName))

function paragraphText(paragraph: Node): string {
  let text = ''
  const open: Mark[] = []
  const closeTo = (depth: number) => {
    while (open.length > depth) text += closing(open.pop() as Mark)
  }
  for (const { node, marks } of withoutEdgeSpace(paragraph.children)) {
    const wanted = sorted(marks)
    let depth = 0
    while (depth < open.length && open[depth]?.isInSet(wanted)) depth++
    closeTo(depth)
    for (const mark of wanted.filter((one) => !one.isInSet(open))) {
      text += opening(mark)
      open.push(mark)
    }
    text += plainOf(node)
  }
  closeTo(0)
  return text
}

export function toText(document: Node): string {
  return document.children.map(paragraphText).join('\n\n').replace(/\n+$/, '')
}

/** What is pasted where one line is asked for. */
export const asLine = (paragraphs: Fragment): Fragment =>
  Fragment.from(
    paragraphs.content.flatMap((paragraph, index) => [
      ...(index > 0 ? [schema.text(' ')] : []),
      ...paragraph.children.map((node) => (node.type.name === 'break' ? schema.text(' ') : node)),
    ]),
  )
