/** Colours as `#rrggbb`, compared as WCAG 2 does and mixed as the eye does. Pure, no zod: browser bundles use it. */

type Triple = readonly [number, number, number]

/** `#fff` is `#ffffff`; anything else stays. */
export const sixDigits = (color: string): string =>
  /^#[0-9a-f]{3}$/i.test(color) ? `#${[...color.slice(1)].map((digit) => digit + digit).join('')}` : color

/** 0 to 1 each; null when it is not written as #rgb or #rrggbb. */
function channels(color: string): Triple | null {
  const hex = /^#([0-9a-f]{6})$/i.exec(sixDigits(color))?.[1]
  if (!hex) return null
  const at = (index: number) => Number.parseInt(hex.slice(index, index + 2), 16) / 255
  return [at(0), at(2), at(4)]
}

const toLinear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
const fromLinear = (c: number): number => (c <= 0.0031308 ? c * 12.92 : 1.055 * c ** (1 / 2.4) - 0.055)

/** WCAG 2 relative luminance. */
function luminance(color: string): number | null {
  const rgb = channels(color)
  if (!rgb) return null
  const [r, g, b] = rgb
  return 0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b)
}

/** @returns 1 to 21, or null when a colour is not written as #rgb or #rrggbb. */
export function contrastRatio(a: string, b: string): number | null {
  const [first, second] = [luminance(a), luminance(b)]
  if (first === null || second === null) return null
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05)
}

/** The least contrast with any of them. */
export const worstContrast = (color: string, others: readonly string[]): number =>
  Math.min(...others.map((other) => contrastRatio(color, other) ?? 1))

/** https://bottosson.github.io/posts/oklab/ */
function toOklab([r, g, b]: Triple): Triple {
  const [lr, lg, lb] = [toLinear(r), toLinear(g), toLinear(b)]
  const l = Math.cbrt(0.4122214708 * lr + 0.5363325363 * lg + 0.0514459929 * lb)
  const m = Math.cbrt(0.2119034982 * lr + 0.6806995451 * lg + 0.1073969566 * lb)
  const s = Math.cbrt(0.0883024619 * lr + 0.2817188376 * lg + 0.6299787005 * lb)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function fromOklab([light, a, b]: Triple): Triple {
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

const write = (rgb: Triple): string =>
  `#${rgb
    .map((c) =>
      Math.round(Math.min(1, Math.max(0, c)) * 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`

const steps = 64

/**
 * The colour nearest to `color`, on the way to black or white, that stands out from all of `others`.
 * @param least contrast, at most 4.5; black or white must reach it.
 */
export function standOut(
  color: string,
  others: readonly string[],
  { least, towards }: { least: number; towards: '#000000' | '#ffffff' },
): string {
  if (worstContrast(color, others) >= least) return color
  const from = toOklab(channels(color) ?? [0, 0, 0])
  const end = toOklab(channels(towards) ?? [0, 0, 0])
  for (let step = 1; step < steps; step++) {
    const mix = from.map((part, index) => part + ((end[index] ?? 0) - part) * (step / steps))
    const tried = write(fromOklab(mix as unknown as Triple))
    if (worstContrast(tried, others) >= least) return tried
  }
  return towards
}
