import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contrastRatio, standOut, worstContrast } from '../../../shared/brand/colour.ts'
import { checkAccent, dressOf, nudgeTheme } from '../../../shared/brand/dress.ts'

const colour = fc.nat(0xffffff).map((n) => `#${n.toString(16).padStart(6, '0')}`)
/** What emails, pages and nudges draw words on. */
const light = ['#fdfdfe', '#ffffff', '#f3f5f8', '#f3f6fb', '#f3f4f8']
const dark = ['#1e2229', '#14171c', '#262b34', '#1b1d24', '#262933']

describe('the colours of a brand', () => {
  it('can be read whatever the accent is, in light and dark', () => {
    fc.assert(
      fc.property(colour, (accent) => {
        const dress = dressOf({ accent })
        for (const [palette, surfaces] of [
          [dress.light, light],
          [dress.dark, dark],
        ] as const) {
          expect(worstContrast(palette.link, surfaces)).toBeGreaterThanOrEqual(4.5)
          expect(worstContrast(palette.mark, surfaces)).toBeGreaterThanOrEqual(3)
          expect(worstContrast(palette.edge, surfaces)).toBeGreaterThanOrEqual(3)
          expect(contrastRatio(palette.on, palette.button)).toBeGreaterThanOrEqual(4.5)
        }
        // Buttons have the very colour that was asked for.
        expect(dress.light.button).toBe(accent)
      }),
      { numRuns: 500 },
    )
  })

  it('are ours where the brand names none', () => {
    expect(dressOf().light.button).toBe('#1a5fb4')
    expect(dressOf({ radius: 6 })).toMatchObject({
      light: dressOf().light,
      radius: { card: 6, box: 5, button: 4 },
    })
  })

  it('keep their hue: a red stays red in dark mode, a green link stays green', () => {
    const red = dressOf({ accent: '#c01c28' }).dark.link
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(red.slice(at, at + 2), 16))
    expect(r).toBeGreaterThan(g)
    expect(r).toBeGreaterThan(b)
    const green = dressOf({ accent: '#33d17a' }).light.link
    expect(Number.parseInt(green.slice(3, 5), 16)).toBeGreaterThan(Number.parseInt(green.slice(1, 3), 16))
  })

  it('are told of where they are changed', () => {
    expect(checkAccent('#1a5fb4')).toMatchObject({ linkIsDarkened: false, hasEdge: false })
    expect(checkAccent('#ffd500')).toMatchObject({ linkIsDarkened: true, hasEdge: true })
  })

  it('stand out as far as black or white can', () => {
    expect(standOut('#888888', ['#ffffff'], { least: 4.5, towards: '#000000' })).toMatch(/^#[0-7]/)
    expect(standOut('#000000', ['#ffffff'], { least: 4.5, towards: '#000000' })).toBe('#000000')
  })
})

describe('the theme of a nudge', () => {
  it('says only what the brand says', () => {
    expect(nudgeTheme(undefined)).toBeUndefined()
    expect(nudgeTheme({ footer: ['Made in Leeds'] })).toBeUndefined()
    expect(nudgeTheme({ radius: 0 })).toBe('--b-r:0px')
  })

  it('holds colours, fonts and sizes, and nothing else', () => {
    fc.assert(
      fc.property(
        colour,
        fc.constantFrom('serif', 'mono', 'humanist'),
        fc.nat(24),
        (accent, font, radius) => {
          expect(nudgeTheme({ accent, font: font as 'serif', radius })).toMatch(
            /^(--b-[a-zA-Z]:[#a-zA-Z0-9 ,-]+;?)+$/,
          )
        },
      ),
    )
  })
})
