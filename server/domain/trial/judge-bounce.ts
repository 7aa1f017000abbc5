import type { BounceClass } from './bounce.ts'
import { type BounceCause, bounceRows } from './bounce-words.ts'

/** What a refusal says, and what it is about: that decides whether the same email is worth another try. */
interface BounceVerdict {
  readonly class: BounceClass
  readonly cause: BounceCause
}

const textMaxChars = 4000

/** Not part of an IP address or of a version. */
const statusPattern = /(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?!\.?\d)/g
const codePattern = /(?:^|[\s;:(<"'#-])([45]\d\d)(?=[\s:;,)\-.#>]|$)/

/** RFC 3463 status in a text; one that says something rather than `5.0.0`, or than IronPort’s `5.1.0` around another. */
export function statusIn(text: string): string | null {
  const found = [...text.slice(0, textMaxChars).matchAll(statusPattern)].map(([, status]) => status as string)
  return found.find((status) => !/^\d\.[01]\.0$/.test(status)) ?? found[0] ?? null
}

export function codeIn(text: string): number | null {
  const code = codePattern.exec(text.slice(0, textMaxChars))?.[1]
  return code === undefined ? null : Number(code)
}

/** Of a link its host, of an address nothing: names of people and pages must not decide anything. */
function withoutNoise(word: string): string {
  const link = word.indexOf('://')
  if (link >= 0) return word.slice(link + 3).split(/[/?#]/, 1)[0] ?? ''
  if (!word.includes('@')) return word
  const said = /[:;]([a-z_-]{3,20})\)?$/.exec(word)?.[1]
  if (said) return `@: ${said}`
  return /[:;,]$/.test(word) ? `@${word.slice(-1)}` : '@'
}

/** One line in lower case. */
const comparable = (text: string): string =>
  text
    .slice(0, textMaxChars)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u2018\u2019]/g, "'")
    // An answer in several lines carries its code on each.
    .replace(/\b[45]\d\d[- ][45]\.\d{1,3}\.\d{1,3} /g, ' ')
    .split(/\s+/)
    .map(withoutNoise)
    .join(' ')
    // IronPort’s words for the code 5.1.0, whatever the server behind it said.
    .replaceAll('unknown address error', '')

/** Permanent statuses by their meaning, where no words are known (RFC 3463 §3, RFC 7505, vendors’ lists). */
const byStatus: readonly (readonly [RegExp, BounceVerdict])[] = [
  [/^5\.1\.(?:1|2|3|4|5|6|10)$/, { class: 'hard', cause: 'unknown_user' }],
  [/^5\.1\.9$/, { class: 'policy', cause: 'sender' }],
  [/^5\.2\.1$/, { class: 'hard', cause: 'mailbox_unavailable' }],
  [/^5\.(?:2\.2|3\.1)$/, { class: 'soft', cause: 'full' }],
  [/^5\.2\.12[12]$/, { class: 'soft', cause: 'rate' }],
  [/^5\.3\.(?:2|5)$/, { class: 'soft', cause: 'temporary' }],
  [/^5\.4\.(?:4|310)$/, { class: 'hard', cause: 'unknown_host' }],
  [/^5\.4\.(?:3|5|6|7|9|14|3\d\d)$/, { class: 'soft', cause: 'temporary' }],
  [/^5\.7\.27$/, { class: 'hard', cause: 'unknown_host' }],
  [/^5\.7\./, { class: 'policy', cause: 'policy' }],
]

/** Statuses with one meaning each, whatever words stand beside them (RFC 3463 §3.2, RFC 7372, RFC 8616, learn.microsoft.com). */
const saidByStatus: readonly (readonly [RegExp, BounceVerdict])[] = [
  [/^5\.1\.[78]$/, { class: 'policy', cause: 'sender' }],
  [/^5\.7\.(?:1\d|2[0-689]|3\d|5\d\d|6\d\d|7\d\d)$/, { class: 'policy', cause: 'policy' }],
]

/** Words about hosts and addresses mean something else beside these codes: our own greeting, content, 5.1.0 of senders. */
function isUnlikely(cause: BounceCause, status: string | null, reply: number | null): boolean {
  if (cause === 'unknown_host') return status === '5.1.0' || (reply !== null && reply >= 500 && reply <= 504)
  if (cause === 'mailbox_unavailable') return status !== null && /^5\.(?:3|6)\./.test(status)
  return false
}

/** RFC 7504 and RFC 7505: a host that takes no email at all. RFC 5321 §4.2.3: storage exceeded. */
const byCode: Readonly<Record<number, BounceVerdict>> = {
  521: { class: 'hard', cause: 'unknown_host' },
  552: { class: 'soft', cause: 'full' },
  556: { class: 'hard', cause: 'unknown_host' },
}

/**
 * Words outweigh codes, and codes in the server’s answer outweigh a Status field that someone on the way made up.
 * @param enhancedCode RFC 3463 status such as `5.1.1`, when there is one
 * @param code SMTP reply code such as 550
 */
export function judgeBounce(enhancedCode: string | null, code: number | null, text = ''): BounceVerdict {
  const status = statusIn(text) ?? enhancedCode?.trim() ?? null
  const reply = codeIn(text) ?? code
  const line = comparable(text)
  const row = bounceRows.find(({ words }) => words.some((pattern) => pattern.test(line)))
  const fixed = saidByStatus.find(([pattern]) => status !== null && pattern.test(status))?.[1]
  if (fixed) return fixed
  const isForNow = status !== null ? status.startsWith('4') : reply !== null && reply < 500
  if (row?.cause === 'unknown_user') return { class: 'hard', cause: row.cause }
  if (isForNow) return { class: 'soft', cause: row?.class === 'soft' ? row.cause : 'temporary' }
  if (row && !isUnlikely(row.cause, status, reply)) return { class: row.class, cause: row.cause }
  const known = byStatus.find(([pattern]) => status !== null && pattern.test(status))?.[1]
  return known ?? (reply !== null ? byCode[reply] : undefined) ?? { class: 'other', cause: 'code' }
}
