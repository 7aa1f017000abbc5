import { columnsOf } from '../../locales/columns.ts'
import { error, type Finding, warning } from './finding.ts'

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const recommendedWidth = 35
const longestSubject = 78
const [shortestPreheader, longestPreheader] = [40, 110]

/** What email clients put before the subject of an answer or a forwarded email, in the languages we write. */
const replyMarks =
  /^\s*(re|fwd?|aw|wg|tr|réf?|rv|reenv|enc|tl|trả lời|ctl|chuyển tiếp|답장|회신|전달|رد|إعادة توجيه)\s*(\[\d+\])?\s*[:：]/iu

/** Of a slot that was empty: two spaces, or one before a comma or a full stop. French puts one before !?;: itself. */
const gap = / {2,}\S|\s[,.](\s|$)/

export function lintSubject(subject: string): Finding[] {
  const findings: Finding[] = []
  const width = columnsOf(subject)
  const letters = subject.replace(/[^\p{L}]/gu, '')
  if (subject.trim() === '') findings.push(error('subject-empty', 'There is no subject.'))
  if (/\{\{|\{%|\{[a-z]+\}/.test(subject))
    findings.push(error('subject-slot', 'A placeholder was not filled.'))
  if (/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(subject))
    findings.push(error('subject-control', 'It holds control characters.'))
  if (width > longestSubject)
    findings.push(error('subject-length', `${width} columns; at most ${longestSubject}.`))
  else if (width > recommendedWidth)
    findings.push(warning('subject-length', `${width} columns; phones show about ${recommendedWidth}.`))
  if (letters.length > 3 && letters === letters.toUpperCase() && letters !== letters.toLowerCase())
    findings.push(warning('subject-shouts', 'It is all capitals.'))
  if (/[!?！？]{2}/.test(subject)) findings.push(warning('subject-shouts', 'It has doubled punctuation.'))
  if (replyMarks.test(subject))
    findings.push(error('subject-fake-reply', 'It pretends to be a reply or a forwarded email.'))
  const emoji = Array.from(segmenter.segment(subject)).filter(({ segment }) =>
    /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(segment),
  )
  if (emoji.length > 1) findings.push(warning('subject-emoji', 'More than one emoji.'))
  if (gap.test(subject)) findings.push(warning('spacing', 'A placeholder left a gap in the subject.'))
  return findings
}

export function lintPreheader(preheader: string): Finding[] {
  const width = columnsOf(preheader)
  if (preheader.trim() === '') return [error('preheader', 'There is no preview text.')]
  return [
    ...(gap.test(preheader) ? [warning('spacing', 'A placeholder left a gap in the preview text.')] : []),
    ...(width < shortestPreheader
      ? [warning('preheader', `${width} columns; email clients pad anything under ${shortestPreheader}.`)]
      : []),
    ...(width > longestPreheader
      ? [warning('preheader', `${width} columns; about ${longestPreheader} are shown.`)]
      : []),
  ]
}
