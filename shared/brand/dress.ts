import type { Brand } from '../playbook/brand.ts'
import { contrastRatio, standOut, worstContrast } from './colour.ts'

/** What a brand comes to: every colour, font and corner that emails, hosted pages and nudges are drawn with. */

interface Accent {
  /** Area of a button. */
  readonly button: string
  /** Words on it. */
  readonly on: string
  /** Border of a button; another colour only where the area alone would not stand out. */
  readonly edge: string
  /** Links, outlines, bars: as dark or light as words must be. */
  readonly link: string
}

export interface Dress {
  readonly light: Accent & { readonly mark: string }
  readonly dark: Accent & { readonly mark: string }
  /** Lists of fonts without quotes, so that they may stand in an attribute. */
  readonly font: string
  /** Of emails that look typed by a person. */
  readonly plainFont: string
  /** Corners in pixels, of cards, boxes in them and buttons. */
  readonly radius: { readonly card: number; readonly box: number; readonly button: number }
}

const leastText = 4.5
/** WCAG 2 §1.4.11: what tells a control from its surroundings. */
const leastEdge = 3

/** All that words in a link colour lie on, in emails, pages and nudges. */
const surfaces = {
  light: ['#fdfdfe', '#ffffff', '#f3f5f8', '#f3f6fb', '#f3f4f8', '#fdf4f3', '#f1f9f4'],
  dark: ['#1e2229', '#14171c', '#262b34', '#1b1d24', '#262933', '#2f2122', '#1a2b23'],
} as const

const ours: Pick<Dress, 'light' | 'dark'> = {
  light: { button: '#1a5fb4', on: '#fdfdfe', edge: '#1a5fb4', link: '#174f97', mark: '#1a5fb4' },
  dark: { button: '#7db2ff', on: '#0b1830', edge: '#7db2ff', link: '#8fbcff', mark: '#7db2ff' },
}

/** Words on a button: the first that can be read; of black and white one always can. */
function wordsOn(button: string): string {
  const candidates = ['#fdfdfe', '#14171c', '#000000']
  return candidates.find((words) => (contrastRatio(words, button) ?? 1) >= leastText) ?? '#ffffff'
}

function accentColours(accent: string): Pick<Dress, 'light' | 'dark'> {
  const { light, dark } = surfaces
  const link = standOut(accent, light, { least: leastText, towards: '#000000' })
  const edge = standOut(accent, light, { least: leastEdge, towards: '#000000' })
  const glow = standOut(accent, dark, { least: leastText, towards: '#ffffff' })
  return {
    light: { button: accent, on: wordsOn(accent), edge, link, mark: link },
    dark: { button: glow, on: wordsOn(glow), edge: glow, link: glow, mark: glow },
  }
}

const fonts: Readonly<Record<NonNullable<Brand['font']>, string>> = {
  system: '-apple-system, BlinkMacSystemFont, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif',
  sans: 'Helvetica Neue, Helvetica, Arial, sans-serif',
  humanist: 'Seravek, Gill Sans, Ubuntu, Calibri, Verdana, sans-serif',
  serif: 'Charter, Georgia, Cambria, Times New Roman, serif',
  mono: 'ui-monospace, SF Mono, Menlo, Consolas, Courier New, monospace',
}
const typed = 'Arial, Helvetica Neue, Helvetica, sans-serif'

const usualRadius = { card: 12, box: 10, button: 8 }

const radiusOf = (card: number): Dress['radius'] => ({
  card,
  box: Math.round((card * usualRadius.box) / usualRadius.card),
  button: Math.round((card * usualRadius.button) / usualRadius.card),
})

export function dressOf({ accent, font, radius }: Pick<Brand, 'accent' | 'font' | 'radius'> = {}): Dress {
  return {
    ...(accent === undefined ? ours : accentColours(accent)),
    font: fonts[font ?? 'system'],
    plainFont: font === undefined ? typed : fonts[font],
    radius: radius === undefined ? usualRadius : radiusOf(radius),
  }
}

/** What the team should know about its accent colour. */
export interface AccentCheck {
  /** Contrast of the words on a button; 4.5 at least. */
  readonly onButton: number
  /** Contrast of a link in the accent itself, on the darkest light box. */
  readonly asLink: number
  /** Links are drawn darker than the accent. */
  readonly linkIsDarkened: boolean
  /** Buttons have a darker border, because the accent hardly stands out from white. */
  readonly hasEdge: boolean
}

export function checkAccent(accent: string): AccentCheck {
  const { light } = accentColours(accent)
  return {
    onButton: contrastRatio(light.on, light.button) ?? 1,
    asLink: worstContrast(accent, surfaces.light),
    linkIsDarkened: light.link !== accent,
    hasEdge: light.edge !== accent,
  }
}

/**
 * For the host element of a nudge, as CSS: the look where the page sets none. See `sdk/ui/styles.ts`.
 * @returns undefined when there is nothing to say
 */
export function nudgeTheme(brand: Brand | undefined): string | undefined {
  if (!brand) return undefined
  const { accent, font, radius } = brand
  const { light, dark, ...dress } = dressOf(brand)
  const parts = {
    ...(accent !== undefined && {
      a: light.link,
      g: light.button,
      o: light.on,
      A: dark.link,
      O: dark.on,
    }),
    ...(font !== undefined && { f: dress.font }),
    ...(radius !== undefined && { r: `${radius}px` }),
  }
  const declarations = Object.entries(parts).map(([name, value]) => `--b-${name}:${value}`)
  return declarations.length > 0 ? declarations.join(';') : undefined
}
