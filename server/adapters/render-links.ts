import { linkTargets } from '../../shared/content/blocks.ts'
import { type RenderState, safeUrl, trackedLink } from './render-worker-filters.ts'

const isEncrypted = (address: string): boolean => /^https:\/\/[^\s/?#@]+/i.test(address)

/** What the playbook itself leads to, and the pages of this email: on a machine of one’s own it may be http. */
function isOurOwn(address: string, { view: { product, milestones, links } }: RenderState): boolean {
  const { url, upgradeUrl, story } = product
  return [url, upgradeUrl, story?.url, milestones.next?.url, ...Object.values(links)].includes(address)
}

/** For HTML of a team: a link that is neither named nor encrypted goes, its words stay. */
export function linkInHtml(target: string, state: RenderState): string | null {
  const address = target.trim()
  const isOurs = Object.values(state.view.links).includes(address)
  if (isOurs) return address
  const isNamed = (linkTargets as readonly string[]).includes(address)
  return isNamed || isEncrypted(address) ? linkTo(address, state) : null
}

/**
 * The address behind a named target or a web address, tracked where the email’s other links are.
 * @throws TypeError when it is neither.
 */
export function linkTo(target: string, state: RenderState): string {
  const { product, links, milestones } = state.view
  switch (target) {
    case 'upgrade':
      return trackedLink(product.upgradeUrl, state)
    case 'product':
      return trackedLink(product.url, state)
    case 'next_step':
      return trackedLink(milestones.next?.url ?? product.url, state)
    case 'story':
      return trackedLink(product.story?.url ?? product.url, state)
    case 'extend':
      return safeUrl(links.extend)
    case 'unsubscribe':
      return safeUrl(links.unsubscribe)
    case 'view':
      return safeUrl(links.view)
    default:
      if (!isEncrypted(target) && !isOurOwn(target, state))
        throw new TypeError(`"${target.slice(0, 80)}" is no https address`)
      return trackedLink(target, state)
  }
}
