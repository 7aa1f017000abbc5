const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

/** Room a text takes in a list of emails: graphemes after NFC, East Asian wide ones count double. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const { segment } of segmenter.segment(text.normalize('NFC'))) columns += wide.test(segment) ? 2 : 1
  return columns
}
