/**
 * Just enough to draw a nudge: a library for user interfaces would be a third of everything the SDK is. Text enters
 * the page as text nodes only; there is no markup to inject.
 */

export type Child = Node | string | number | false | null | undefined | Child[]

type Props = Record<string, unknown>

/** Makes an element. Functions become listeners, `--names` custom properties, anything else an attribute. */
export function h(tag: string, props: Props | null, ...children: Child[]): Element {
  const isDrawn = tag === 'svg' || tag === 'path'
  const element = isDrawn
    ? document.createElementNS('http://www.w3.org/2000/svg', tag)
    : document.createElement(tag)
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value == null || value === false) continue
    if (typeof value === 'function') element.addEventListener(name, value as EventListener)
    // A style attribute would need an exception in the page’s Content-Security-Policy, this needs none.
    else if (name.startsWith('--')) (element as HTMLElement).style.setProperty(name, `${value}`)
    else element.setAttribute(name, value === true ? '' : `${value}`)
  }
  for (const child of children.flat(9)) if (child || child === 0) element.append(child as Node | string)
  return element
}

/**
 * Makes `from` look like `to` and keeps every element that may stay, so that focus and scroll position survive.
 * Listeners stay those of the first drawing.
 */
export function morph(from: Element, to: Element): void {
  for (const { name } of [...from.attributes])
    if (name !== 'open' && !to.hasAttribute(name)) from.removeAttribute(name)
  for (const { name, value } of [...to.attributes]) if (name !== 'style') from.setAttribute(name, value)
  ;(from as HTMLElement).style.cssText = (to as HTMLElement).style.cssText
  const before = [...from.childNodes]
  const after = [...to.childNodes]
  after.forEach((node, index) => {
    const old = before[index]
    if (!old) from.append(node)
    else if (old.isEqualNode(node)) return
    else if (old instanceof Element && node instanceof Element && old.nodeName === node.nodeName)
      morph(old, node)
    else old.replaceWith(node)
  })
  for (const old of before.slice(after.length)) old.remove()
}
