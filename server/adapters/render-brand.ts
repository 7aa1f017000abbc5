import { type Dress, dressOf } from '../../shared/brand/dress.ts'
import { brandAddress, type MailLinks } from '../../shared/mail-view.ts'
import type { Brand } from '../../shared/playbook/brand.ts'

interface Picture {
  readonly src: string
  /** As shown, in CSS pixels. */
  readonly width: number
  readonly height: number
}

/** What templates read of a brand. */
export interface BrandFacts {
  readonly dress: Dress
  /** null: the product’s name is written. */
  readonly logo: { readonly light: Picture; readonly dark: Picture | null } | null
  readonly footer: readonly string[]
}

export function brandFacts(brand: Brand | undefined, links: Pick<MailLinks, 'view'>): BrandFacts {
  const { logo, footer = [] } = brand ?? {}
  const picture = ({ file, width, height }: NonNullable<Brand['logo']>['light'], shown: number): Picture => ({
    src: brandAddress(links, file),
    width: shown,
    height: Math.max(1, Math.round((height * shown) / width)),
  })
  return {
    dress: dressOf(brand),
    logo: logo
      ? {
          light: picture(logo.light, logo.width),
          dark: logo.dark ? picture(logo.dark, logo.width) : null,
        }
      : null,
    footer,
  }
}
