import { columnsOf as subjectWidth } from '../../locales/columns.ts'
import { error, type Finding, warning } from './finding.ts'

export { columnsOf as subjectWidth } from '../../locales/columns.ts'

const recommendedWidth = 35
const longestSubject = 78

export function lintSubject(subject: string): Finding[] {
  const findings: Finding[] = []
  const width = subjectWidth(subject)
  const letters = subject.replace(/[^\p{L}]/gu, '')
  if (subject.trim() === '') findings.push(error('subject-empty', 'There is no subject.'))
  if (/\{\{|\{%|\{[a-z]+\}/.test(subject)) findings.push(error('subject-slot', 'A slot was not filled.'))
  if (/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(subject))
    findings.push(error('subject-control', 'It holds control characters.'))
  if (width > longestSubject)
    findings.push(error('subject-length', `${width} columns; at most ${longestSubject}.`))
  else if (width > recommendedWidth)
    findings.push(warning('subject-length', `${width} columns; phones show about ${recommendedWidth}.`))
  if (letters.length > 3 && letters === letters.toUpperCase() && letters !== letters.toLowerCase())
    findings.push(warning('subject-shouts', 'It is all capitals.'))
  if (/!!|\?\?|[!?]{2}/.test(subject)) findings.push(warning('subject-shouts', 'It has doubled punctuation.'))
  if (/^\s*(re|fwd?|aw|wg)\s*:/i.test(subject))
    findings.push(error('subject-fake-reply', 'It pretends to be a reply.'))
  if ((subject.match(/\p{Extended_Pictographic}/gu) ?? []).length > 1)
    findings.push(warning('subject-emoji', 'More than one emoji.'))
  return findings
}

export function lintPreheader(preheader: string): Finding[] {
  const width = subjectWidth(preheader)
  if (preheader.trim() === '') return [error('preheader', 'There is no preview text.')]
  if (width < 40) return [warning('preheader', `${width} columns; mail programs fill up what is under 40.`)]
  return width > 110 ? [warning('preheader', `${width} columns; about 110 are shown.`)] : []
}
