import { deviceLine, type HeaderRole, headerRoles, introVerb, originalMessage } from './reply-languages.ts'

const textMaxChars = 60_000
const maxLines = 2000
/** As much of a line as patterns are tried on. */
const lineMaxChars = 400

const isBlank = (line: string | undefined): boolean => line === undefined || line.trim() === ''
const isQuoted = (line: string): boolean => /^\s{0,8}>/.test(line)

/** Outlook and its like put the header of the email answered above it: a name, and at least two more lines. */
function startsHeader(lines: readonly string[], at: number): boolean {
  if (isHeaderOfAnyLanguage(lines, at)) return true
  const first = headerRoles(lines[at] ?? '')
  if (!first.has('from') && !first.has('sent')) return false
  const seen = new Set<HeaderRole>()
  for (let next = at + 1, read = 0; next < lines.length && read < 6 && next < at + 12; next++) {
    if (isBlank(lines[next])) continue
    read++
    for (const role of headerRoles(lines[next] as string))
      if (role !== 'from' || !first.has('from')) seen.add(role)
  }
  if (!first.has('from')) return seen.has('from') && seen.has('subject')
  return seen.has('subject') ? seen.size >= 2 : seen.size >= 2 && seen.has('sent')
}

const isLabelled = (line: string | undefined): boolean => /^[^\p{Nd}:：@]{1,25}[:：]/u.test(line ?? '')

/** In languages that no list has: a name with an address, then a date, then more, each behind a word and a colon. */
function isHeaderOfAnyLanguage(lines: readonly string[], at: number): boolean {
  const [first, second = '', third] = lines.slice(at, at + 3)
  return (
    isLabelled(first) &&
    hasAddress((first as string).slice(0, lineMaxChars)) &&
    isLabelled(second) &&
    hasWholeDate(second.slice(0, lineMaxChars)) &&
    isLabelled(third)
  )
}

/** In the digits of any language. */
const hasDate = (text: string): boolean =>
  /\p{Nd}{1,2}\s?[:.h時时시]\s?\p{Nd}{2}|(?<!\p{Nd})(?:19|20|۱۹|۲۰|١٩|٢٠)\p{Nd}{2}(?!\p{Nd})|\p{Nd}{1,2}[./-]\p{Nd}{1,2}[./-]\p{Nd}{2}/u.test(
    text,
  )
/** More than a bare year: whoever writes “in 2026 our boss wrote:” goes on with words of their own. */
const hasWholeDate = (text: string): boolean => hasDate(text) && /\p{Nd}[^\p{Nd}]{1,30}\p{Nd}/u.test(text)
const hasAddress = (text: string): boolean =>
  /[<([]\s?[^<>\s]{1,100}@[^<>\s]{1,200}\s?[>)\]]|mailto:/.test(text)
/** “27.11.2026, 15:31 von dana@acme.example:” of Tuta, in any language. */
const isDateWordAddress = (text: string): boolean =>
  /^.{0,30}\p{Nd}{1,2}:\p{Nd}{2},? \p{L}{1,6} [^\s@<>]{1,64}@[^\s@<>:]{1,200}:$/u.test(text)

/** Introductions that are whole on one line and need nothing more: Notes, GroupWise, Gmail without a word for “wrote”. */
const wholeIntro =
  /^[^\d]{1,80}-{3}\d{1,4}[./-]\d{1,2}[./-]\d{2,4} \d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?-{3}|^>>> .{1,150}\d{1,2}[./-]\d{1,2}[./-]\d{2,4} .{3,20}>>>\s{0,3}$|^\d{4}[/.-]\d{1,2}[/.-]\d{1,2}(?: \d{1,2}:\d{2})? (?:GMT[+-]\d{2}:\d{2} [^\d:]{2,60}|[^\d:<>]{2,60} <[^<>\s@]{1,64}@[^<>\s@]{1,200}>):?\s{0,3}$/

const endsWithVerb = (text: string): boolean => introVerb.test(text.slice(-14))

/** A line between dashes, as some programs set off their introduction. */
const withoutDashes = (line: string): string =>
  /^\s{0,4}-{3,9}\s?(.{1,300}?)\s?-{3,9}\s{0,4}$/.exec(line)?.[1] ?? line

/** Without a word for “wrote” an address and a date make an introduction only with the time of day, or before a quote. */
const isBareIntro = (text: string, next: string | undefined): boolean =>
  isQuoted(next ?? '') || /\p{Nd}{1,2}\s?[:.h時时시]\s?\p{Nd}{2}(?![./-]?\p{Nd})/u.test(text)

/** “On Thu, 9 Jan 2025, Dana <dana@acme.example> wrote:”, in up to three lines. @returns how many, or 0. */
function introLines(lines: readonly string[], at: number): number {
  const count = introFrom(lines, at)
  // Words of the writer’s own right above an introduction that is complete without them.
  for (let from = at + 1; from < at + count; from++) {
    const inner = introFrom(lines, from)
    if (inner === at + count - from && hasWholeDate(lines.slice(from, from + inner).join(' '))) return 0
  }
  return count
}

function introFrom(lines: readonly string[], at: number): number {
  let joined = ''
  const first = lines[at] as string
  if (isDashedIntro(first, nextFilled(lines, at + 1))) return 1
  if (!/\p{Nd}/u.test(first) && !hasAddress(first) && !/[<(]\s{0,2}$/.test(first)) return 0
  if (wholeIntro.test(first.slice(0, lineMaxChars))) return 1
  for (let count = 1; count <= 3; count++) {
    const line = lines[at + count - 1]
    const isTail = /<[^<>]{1,200}$/.test(joined) && /^\s{0,3}>\s{0,3}:/.test(line ?? '')
    if (isBlank(line) || (isQuoted(line as string) && !isTail)) return 0
    joined = `${joined} ${(line as string).trim()}`.trim()
    if (joined.length > lineMaxChars) return 0
    const isOpen = hasDate(joined) && hasAddress(joined) && endsWithVerb(joined)
    if (!isOpen && !/[:：]\s{0,3}$/.test(joined) && !/(?:님이 작성|写道|寫道)\s{0,3}[:：]?$/u.test(joined))
      continue
    return isIntro(joined, nextFilled(lines, at + count)) ? count : 0
  }
  return 0
}

const nextFilled = (lines: readonly string[], from: number): string | undefined =>
  lines.slice(from, from + 3).find((line) => !isBlank(line))

function isIntro(text: string, next: string | undefined): boolean {
  const isAddressed = hasAddress(text)
  if (isDateWordAddress(text)) return true
  if (introVerb.test(text)) return isAddressed || hasWholeDate(text)
  return isAddressed && hasDate(text) && isBareIntro(text, next)
}

/** Some phones name neither date nor address: then a quote has to follow. */
function isDashedIntro(line: string, next: string | undefined): boolean {
  const inner = withoutDashes(line)
  const isSure = hasDate(inner) || inner.includes('@') || isQuoted(next ?? '')
  return inner !== line && introVerb.test(inner) && isSure
}

const isRule = (line: string): boolean => /^\s{0,4}[-_=*]{3,}\s{0,4}$/.test(line)
/** Between someone’s words and the quote: nothing, a line, or the address of their own that some programs put there. */
const isLeftOver = (line: string, count: number): boolean =>
  isBlank(line) ||
  isRule(line) ||
  (count > 1 && /^[^\s@<>]{1,64}@[^\s@<>]{1,200}\.[a-z]{2,20}$/i.test(line.trim()))
const isOriginalMark = (line: string): boolean =>
  (/^\s{0,4}[-_=*>]{2}/.test(line) || /^\s{0,4}begin forwarded/i.test(line)) && originalMessage.test(line)

/** In languages that no list has: words between dashes, and a header under them. */
const isMarkBeforeHeader = (lines: readonly string[], at: number): boolean =>
  /^\s{0,4}-{4,}[^-]{3,60}-{4,}\s{0,4}$/.test((lines[at] as string).slice(0, lineMaxChars)) &&
  lines.slice(at + 1, at + 4).some((line) => headerRoles(line).size > 0)

/** A sign before a number is no quote. */
const looksQuoted = (line: string): boolean => isQuoted(line) && !/^\s{0,8}>\s?\d/.test(line)

interface Cut {
  readonly at: number
  readonly kind: 'rest' | 'intro'
  readonly count: number
}

function firstCut(lines: readonly string[]): Cut | null {
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string
    if (startsHeader(lines, at) || isOriginalMark(line) || isMarkBeforeHeader(lines, at))
      return { at, kind: 'rest', count: 0 }
    const count = introLines(lines, at)
    if (count > 0) return { at, kind: 'intro', count }
  }
  return null
}

/** What is left of a long quoted line that some program has broken. */
const isBrokenOff = (line: string, before: string | undefined): boolean =>
  before !== undefined &&
  isQuoted(before) &&
  before.length >= 60 &&
  !/[.?!:。！？]\s{0,3}$/.test(before) &&
  /^\p{Ll}/u.test(line)

/** Answers between and below quoted lines are the writer’s own. */
const withoutQuoted = (lines: readonly string[]): string[] =>
  lines.filter((line, at) => !isQuoted(line) && !isBrokenOff(line, lines[at - 1]))

function unquoted(lines: readonly string[]): readonly string[] {
  const quotes = lines.filter(isQuoted).length
  const cut = firstCut(lines)
  if (!cut) return quotes > 1 || lines.some(looksQuoted) ? withoutQuoted(lines) : lines
  const before = lines.slice(0, cut.at)
  while (before.length > 0 && isLeftOver(before.at(-1) as string, before.length)) before.pop()
  const own = before.filter((line) => !looksQuoted(line))
  if (cut.kind === 'rest') return own
  const rest = lines.slice(cut.at + cut.count)
  const isBarred = /^\s{0,4}\|/.test(nextFilled(rest, 0) ?? '')
  // Some programs mark the quote with a bar.
  const after = isBarred ? rest.map((line) => line.replace(/^\s{0,4}\|/, '>')) : rest
  const next = after.find((line) => !isBlank(line)) ?? ''
  return isQuoted(next) ? [...own, ...unquoted(withoutQuoted(after))] : own
}

/** A line of underscores is a signature’s only where no more than one follows. */
const signatureMaxLines = 8
const isSignatureMark = (lines: readonly string[], at: number): boolean => {
  const line = (lines[at] as string).trimStart()
  return (
    /^--\s?$|^—\s?$/.test(line) ||
    (/^_{2,60}\s{0,4}$/.test(line) &&
      lines.slice(at + 1).filter((next) => !isBlank(next)).length <= signatureMaxLines)
  )
}

/** From here on a line stands under every email of the writer. */
function withoutSignature(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex(
    (line, at) =>
      (at > 0 || lines.length > 1) &&
      (isSignatureMark(lines, at) || deviceLine.test(line.trim().slice(0, lineMaxChars))),
  )
  return end < 0 ? lines : lines.slice(0, end)
}

const entities: Readonly<Record<string, string>> = {
  '&nbsp;': ' ',
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

/** Where an introduction begins behind someone’s last word: “Thanks! On Fri, Nov 27, 2026 at 3:31 PM, Dana wrote:” */
const introInLine =
  /([^\s-]) ?-{0,4} ((?:On|Am|Le|El|Il giorno|Em|Op|Den|W dniu) (?:\p{L}{2,10}\.?,? )?(?:\p{L}{3,10}\.? )?\d{1,4}[^\n]{4,200}:)$/gmu

const plain = (text: string): string =>
  text
    .slice(0, textMaxChars)
    .replace(/\r\n?/g, '\n')
    // Airmail and Polymail break the address of their introduction into lines of its own.
    .replace(/\n{1,2}<\n?mailto:[^<>\n]{0,100}<?([^<>\s@]{1,64}@[^<>\s@]{1,200})>?\n{0,2}>?/g, ' <$1>')
    .replace(introInLine, (whole, last: string, intro: string) =>
      introVerb.test(intro) ? `${last}\n${intro}` : whole,
    )
    .replace(/&(?:nbsp|amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity)
    .replace(/[\u00a0\u2007\u202f]/g, ' ')
    // Marks of direction, which Hebrew and Arabic programs put around names and addresses.
    .replace(/[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g, '')
    // Left by programs that count openings.
    .replace(/^ᐧ$/gm, '')

/**
 * The new words of a reply: without the email answered, anyone who’s program quoted it and wherever, and without
 * signature.
 * @returns empty when nothing is left.
 */
export function ownWords(text: string): string {
  const lines = plain(text).split('\n', maxLines)
  const own = withoutSignature(unquoted(lines)).join('\n').trim()
  return own.replace(/\n{3,}/g, '\n\n')
}

const comparable = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\s>*_]+/g, ' ')
    .trim()
const comparedFromChars = 12

/**
 * Takes out of a reply what the email answered says too, for quotes that no rule has found. What would leave nothing
 * is left alone: an answer may well repeat a question’s words.
 */
export function withoutRepeated(words: string, answered: string): string {
  const known = comparable(answered.slice(0, textMaxChars))
  const own = words
    .slice(0, textMaxChars)
    .split('\n', maxLines)
    .filter((line) => {
      const text = comparable(line)
      return text.length < comparedFromChars || !known.includes(text)
    })
    .join('\n')
    .trim()
  return own === '' ? words : own
}
