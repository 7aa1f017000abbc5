import { describe, expect, it } from 'vitest'
import { replySentiment } from '../../../../server/domain/metrics/reply-sentiment.ts'
import { bounceRows } from '../../../../server/domain/trial/bounce-words.ts'
import { codeIn, judgeBounce, statusIn } from '../../../../server/domain/trial/judge-bounce.ts'
import * as absenceWords from '../../../../server/features/inbound/absence-words.ts'
import * as autoReply from '../../../../server/features/inbound/auto-reply.ts'
import * as classifyMail from '../../../../server/features/inbound/classify-mail.ts'
import * as deliveryReport from '../../../../server/features/inbound/delivery-report.ts'
import * as headerFields from '../../../../server/features/inbound/header-fields.ts'
import * as htmlText from '../../../../server/features/inbound/html-text.ts'
import * as mailSystem from '../../../../server/features/inbound/mail-system.ts'
import * as matchMail from '../../../../server/features/inbound/match-mail.ts'
import * as mimeBounds from '../../../../server/features/inbound/mime-bounds.ts'
import * as optOut from '../../../../server/features/inbound/opt-out.ts'
import * as parseMail from '../../../../server/features/inbound/parse-mail.ts'
import * as quotedText from '../../../../server/features/inbound/quoted-text.ts'
import * as readMail from '../../../../server/features/inbound/read-mail.ts'
import * as replyLanguages from '../../../../server/features/inbound/reply-languages.ts'
import * as wrappedReport from '../../../../server/features/inbound/wrapped-report.ts'

/** Strings that make patterns look back: long runs of one thing, almost matches, openings that never close. */
const units = [
  '<',
  '<style',
  '<a href="',
  '</b>',
  '<b><i>',
  '<!--',
  '&',
  '&amp;',
  '&#',
  ' ',
  '\n',
  '\r\n',
  '\t',
  'a',
  'a ',
  '"',
  '(',
  '<a@',
  'a@b.c ',
  '<aaaaaaaaaaaaaaaaaaaaaa@',
  '>',
  '> ',
  '>\n',
  '> a\n',
  '-',
  '--',
  '-----',
  '_',
  '=',
  'on ',
  'on 12:30 ',
  'wrote ',
  'wrote:',
  'From: ',
  'From: a\n',
  'Sent: a\nTo: b\n',
  'a:b\n\n',
  'Message-ID: <',
  'boundary=',
  'boundary ',
  '--b\n',
  'user ',
  'user not ',
  'unknown ',
  'mailbox ',
  'mailbox full ',
  'sender ',
  'sender address ',
  'the ',
  'quota ',
  '550 ',
  '550 5.1.1 ',
  '5.1.1.',
  '5.',
  '.',
  'address a ',
  'domain a.',
  'a.b.',
  'please ',
  'stop ',
  'stop\n',
  'unsubscribe me from ',
  'bitte ',
  'keine mails ',
  'Re: ',
  're:',
  'auto: ',
  'out of ',
  'sent from my ',
  'à',
  '日',
  '님이 작성',
  '{"',
  '\\"',
  ':',
  '：',
] as const

const envelope = { from: 'a@b.example', to: ['c@d.example'] }
const mailOf = (text: string) => ({
  envelope,
  headers: new Map(
    [
      'to',
      'delivered-to',
      'references',
      'in-reply-to',
      'precedence',
      'x-mailer',
      'content-type',
      'return-path',
    ].map((name) => [name, text] as const),
  ),
  fromAddress: text,
  fromName: text,
  subject: text,
  text,
  htmlOwn: null,
  messageId: text,
  reports: [
    {
      type: 'delivery-status' as const,
      groups: [
        new Map([
          ['action', text],
          ['status', text],
          ['diagnostic-code', text],
        ]),
      ],
    },
  ],
  returned: new Map([['message-id', text]]),
})
const raw = (type: string, text: string) =>
  Buffer.from(`From: a@b.example\r\nSubject: x\r\nContent-Type: ${type}; charset=utf-8\r\n\r\n${text}`)

/** Every exported function and pattern that an outside email reaches, by name. */
const tried: Record<string, (text: string) => unknown> = {
  replySentiment,
  judgeBounce: (text) => judgeBounce(text.slice(0, 20), 550, text),
  statusIn,
  codeIn,
  ...Object.fromEntries(
    bounceRows.map(({ cause, words }) => [
      `bounceRows ${cause}`,
      (text: string) => words.map((pattern) => pattern.test(text.slice(0, 4000))),
    ]),
  ),
  isAbsenceSubject: (text) => absenceWords.isAbsenceSubject(text),
  automaticReason: (text) => autoReply.automaticReason(mailOf(text)),
  isFromMailSystem: (text) => autoReply.isFromMailSystem({ ...mailOf(text), envelope: { from: '', to: [] } }),
  classifyInbound: (text) =>
    classifyMail.classifyInbound({ ...mailOf(text), reports: [], headers: new Map() }, false),
  deliveryReport: (text) => deliveryReport.deliveryReport(mailOf(text)),
  complaintOf: (text) => deliveryReport.complaintOf({ ...mailOf(text), reports: [] }),
  fieldsOf: (text) => headerFields.fieldsOf(text),
  groupsOf: (text) => headerFields.groupsOf(text),
  headerBlock: (text) => headerFields.headerBlock(text),
  wrappedReport: (text) => wrappedReport.wrappedReport(`Final-Recipient: x\n\n${text}`),
  hasNullSender: (text) => mailSystem.hasNullSender(mailOf(text)),
  isMailerDaemon: (text) => mailSystem.isMailerDaemon(text),
  isFromMailer: (text) => mailSystem.isFromMailer(mailOf(text)),
  htmlText: (text) => htmlText.htmlText(text),
  candidates: (text) => matchMail.candidates(mailOf(text), 'd.example'),
  boundMail: (text) => mimeBounds.boundMail(Buffer.from(`A: b\n\n${text}`)),
  asksToStop: (text) => optOut.asksToStop(text),
  subjectAsksToStop: (text) => optOut.subjectAsksToStop(text),
  parseInbound: (text) => parseMail.parseInbound(raw('text/html', text), envelope),
  readMail: (text) => readMail.readMail(raw('text/plain', text), envelope, 'd.example'),
  ownWords: (text) => quotedText.ownWords(text),
  withoutRepeated: (text) => quotedText.withoutRepeated(text, text),
  headerRoles: (text) => replyLanguages.headerRoles(text),
  introVerb: (text) => replyLanguages.introVerb.test(text.slice(0, 400)),
  originalMessage: (text) => replyLanguages.originalMessage.test(text.slice(0, 400)),
  deviceLine: (text) => replyLanguages.deviceLine.test(text.slice(0, 400)),
}

const modules = [
  absenceWords,
  headerFields,
  mailSystem,
  wrappedReport,
  autoReply,
  classifyMail,
  deliveryReport,
  htmlText,
  matchMail,
  mimeBounds,
  optOut,
  parseMail,
  quotedText,
  readMail,
  replyLanguages,
]

const usualLength = 8_000
/** The parser takes its time for each line; the machine’s noise is small beside it. */
const shorter: Readonly<Record<string, number>> = { parseInbound: 1_500, readMail: 1_500, htmlText: 4_000 }
const factor = 8
/** Linear gives 8, quadratic 64. */
const limit = 24
/** Below this the clock and the garbage collector are what is measured. */
const noiseMs = 25

async function millis(run: (text: string) => unknown, text: string): Promise<number> {
  const start = performance.now()
  await run(text)
  return performance.now() - start
}

/** How much longer the long text takes; the best of some rounds, because other work on the machine only adds. */
async function growth(
  run: (text: string) => unknown,
  text: (length: number) => string,
  short: number,
): Promise<number> {
  if ((await millis(run, text(short * factor))) < noiseMs) return 1
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 10 && best > limit; round++) {
    const before = Math.max(await millis(run, text(short)), 0.3)
    const after = await millis(run, text(short * factor))
    best = after < noiseMs ? 1 : Math.min(best, after / before)
  }
  return best
}

describe('whatever a stranger writes', () => {
  it('is tried on every function and pattern that reads email', () => {
    const names = modules
      .flatMap((module) => Object.entries(module))
      .filter(([, value]) => typeof value === 'function' || value instanceof RegExp)
    expect(names.map(([name]) => name).filter((name) => !(name in tried))).toEqual([])
  })

  it.each(Object.keys(tried))('%s takes time in proportion to its length at most', async (name) => {
    const run = tried[name] as (text: string) => unknown
    const tooSlow: string[] = []
    const length = shorter[name] ?? usualLength
    for (const unit of units) {
      const ratio = await growth(run, (chars) => `x${unit.repeat(chars / unit.length)}\u0000`, length)
      if (ratio > limit) tooSlow.push(`${JSON.stringify(unit)} × ${ratio.toFixed(1)}`)
    }
    expect(tooSlow).toEqual([])
  })
})
