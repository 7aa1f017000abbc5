import type { MailView } from '../../../shared/mail-view.ts'
import { error, type Finding, warning } from './finding.ts'
import { type Element, isHidden } from './html-elements.ts'

const leastText = 200
/** Square pixels that a character of running text takes: 16 px type on lines of 24 px. */
const perCharacter = 8 * 24
const unsafe = /\.(gif|svg|webp)(?:[?#]|$)/i

const findingsOf = ({ src = '', alt, width, height }: Element['attributes']): Finding[] => [
  ...(alt === undefined ? [error('image-alt', `${src} has no alt.`)] : []),
  ...(width && height ? [] : [error('image-size', `${src} has no width and height.`)]),
  ...(/^data:/i.test(src) ? [error('image-data', 'data: images are blocked by Gmail.')] : []),
  ...(unsafe.test(src) ? [error('image-format', `${src} is not shown everywhere; use PNG or JPEG.`)] : []),
]

/** Pictures, the open pixel among them, and whether there are words beside them. */
export function lintImages(
  elements: readonly Element[],
  words: string,
  { links }: Pick<MailView, 'links'>,
): Finding[] {
  const images = elements.filter((element) => element.name === 'img' && !isHidden(element))
  // Our own pixels are no pictures.
  const isPixel = (src: string | undefined) => src !== undefined && [links.open, links.viewing].includes(src)
  const pictures = images.filter(({ attributes }) => !isPixel(attributes.src))
  const area = pictures.reduce(
    (sum, { attributes: { width, height } }) => sum + (Number(width) || 0) * (Number(height) || 0),
    0,
  )
  const findings = images.flatMap(({ attributes }) =>
    findingsOf(attributes).filter(({ check }) => check !== 'image-format' || !isPixel(attributes.src)),
  )
  if (words.length < leastText)
    findings.push(error('little-text', `Only ${words.length} characters of text.`))
  // How many bytes a picture has is not known without fetching it; how much room it takes is.
  if (area > words.length * perCharacter)
    findings.push(warning('image-share', 'Images take more space than the text.'))
  return findings
}
