import type { Playbook } from '../../../shared/playbook.ts'
import { ownTexts } from '../../domain/messages/email-view.ts'
import type { ResolvedLocale } from '../../locales/catalog.ts'
import type { PageBrand } from './page.ts'

/** How a hosted page is dressed. */
export function pageBrand(
  playbook: Playbook,
  locale: ResolvedLocale,
  publicUrl: string,
): PageBrand | undefined {
  const { brand } = playbook
  if (!brand) return undefined
  const texts = ownTexts(playbook, locale.tag) ?? {}
  return {
    look: brand,
    footer: (brand.footer ?? []).map((line) => texts[line] ?? locale.own(line)),
    picturesAt: `${publicUrl}/brand/`,
  }
}
