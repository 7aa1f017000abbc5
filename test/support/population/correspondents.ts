import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Chance } from './chance.ts'
import type { Returned, Tone } from './ledger.ts'
import type { Letter } from './letter.ts'
import { habits } from './shares.ts'
import { afterwards, chanceFor, type Stage } from './stage.ts'
import { quoteLines, replies, stopWords } from './words.ts'

/** What comes back by mail: mail servers, feedback loops, absence notices, people. */

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

const samplesDir = join(import.meta.dirname, '../../fixtures/inbound')
const samples = new Map<string, readonly string[]>()

/** Shapes of one kind as real servers write them. */
function samplesOf(kind: string): readonly string[] {
  const known = samples.get(kind)
  if (known) return known
  const found = readdirSync(join(samplesDir, kind)).map((file) => join(kind, file))
  samples.set(kind, found)
  return found
}

/** The sample as it would look about this very mail. */
function fill(name: string, letter: Letter, id: string): string {
  const slots: Readonly<Record<string, string>> = {
    ID: letter.messageId.replace(/^<|@.*$/g, ''),
    HEADER: letter.header,
    BOUNCE: letter.returnPath,
    REPLY: letter.replyTo,
    UNSUB: letter.unsubscribeMail,
  }
  return readFileSync(join(samplesDir, name), 'utf8')
    .replace(/\{\{([A-Z]+)\}\}/g, (_, slot: string) => slots[slot] ?? slot)
    .replaceAll('sam@customer.example', letter.person.address)
    .replace(/^Message-ID: <(?!.*\{)/im, `Message-ID: <${id}.`)
}

/** Posts a mail and writes down what it was taken for, as the answer to the final dot says it. */
async function post(
  stage: Stage,
  mail: { name: string; expected: string; from: string; to: string; raw: string },
): Promise<void> {
  const answer = await stage.dispatch(mail)
  const got = /taken as (\w+)/.exec(answer)?.[1] ?? answer
  stage.ledger.post.push({ name: mail.name, expected: mail.expected, got })
}

const isFromMachine = (raw: string): boolean =>
  /^Content-Type: multipart\/report|^From:.*mailer-daemon|^Return-Path: <>/im.test(raw)

async function sendSample(stage: Stage, letter: Letter, expected: string, chance: Chance): Promise<void> {
  const name = chance.pick(samplesOf(expected))
  const id = `${expected}-${letter.person.userId}-${letter.kind}`
  const raw = fill(name, letter, id)
  // Bounces and complaints go to the return path, whatever their own To line says.
  const to = expected === 'auto_reply' ? letter.replyTo : letter.returnPath
  await post(stage, { name, expected, from: isFromMachine(raw) ? '' : letter.person.address, to, raw })
}

const returns = {
  returnsHard: ['hard_bounce', 'hard'],
  returnsSoft: ['soft_bounce', 'soft'],
  returnsPolicy: ['policy_bounce', 'other'],
} as const satisfies Record<string, readonly [string, Returned]>

/** @returns whether the mail will come back, so that nobody reads it. */
export function considerReturning(stage: Stage, letter: Letter): boolean {
  const { receiver } = letter.person
  const chance = chanceFor(stage, letter, 'return')
  if (receiver === 'warnsOfDelay')
    afterwards(stage, letter, 4 * hourMs, () => sendSample(stage, letter, 'delayed', chance))
  if (receiver !== 'returnsHard' && receiver !== 'returnsSoft' && receiver !== 'returnsPolicy') return false
  const [kind, returned] = returns[receiver]
  afterwards(stage, letter, chance.wait(5 * secondMs, 2 * hourMs), async () => {
    stage.ledger.fateOf(letter).returned = returned
    if (returned === 'hard') stage.ledger.lose(letter.person, stage.now(), 'bounce')
    if (returned === 'soft') stage.ledger.bounceSoftly(letter.person, stage.now())
    await sendSample(stage, letter, kind, chance)
  })
  return true
}

export function answerAutomatically(stage: Stage, letter: Letter): void {
  if (!letter.person.answersAutomatically) return
  const chance = chanceFor(stage, letter, 'absent')
  afterwards(stage, letter, chance.between(1, 20) * secondMs, () =>
    sendSample(stage, letter, 'auto_reply', chance),
  )
}

/** A person presses “this is spam” once, on one mail. */
export function considerComplaining(stage: Stage, letter: Letter): void {
  if (!letter.person.complains) return
  const chance = chanceFor(stage, letter, 'complain')
  afterwards(stage, letter, chance.wait(5 * minuteMs, 20 * hourMs), async () => {
    const { ledger } = stage
    if (ledger.lifeOf(letter.person).lost !== null) return
    ledger.lose(letter.person, stage.now(), 'complaint')
    ledger.fateOf(letter).complainedAt = stage.now()
    await sendSample(stage, letter, 'complaint', chance)
  })
}

/** As mail programs write them: the new words, and the old mail quoted below. */
function writeReply(
  { person, subject, text, messageId }: Letter,
  to: string,
  words: string,
  id: string,
): string {
  const quoted = text
    .split(/\r?\n/)
    .slice(0, 12)
    .map((line) => `> ${line}`)
  const body = [words, '', quoteLines[person.locale], '', ...quoted].join('\r\n')
  return [
    `From: ${person.userId} <${person.address}>`,
    `To: ${to}`,
    `Subject: =?utf-8?B?${Buffer.from(`Re: ${subject}`.slice(0, 30)).toString('base64')}?=`,
    `Message-ID: <${id}@${person.address.split('@')[1]}>`,
    `In-Reply-To: ${messageId}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(Buffer.from(body)
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
    '',
  ].join('\r\n')
}

const tones = { positive: 0.45, negative: 0.3, neutral: 0.25 } as const satisfies Record<Tone, number>

export function considerReplying(stage: Stage, letter: Letter, openedAfterMs: number): void {
  const chance = chanceFor(stage, letter, 'reply')
  if (!chance.happens(habits.replies[letter.kind])) return
  const { person } = letter
  const tone = chance.share(tones)
  afterwards(stage, letter, openedAfterMs + chance.wait(3 * minuteMs, 5 * hourMs), async () => {
    stage.ledger.fateOf(letter).replies.push({ at: stage.now(), tone })
    await post(stage, {
      name: `reply/${person.locale}-${tone}`,
      expected: 'reply',
      from: person.address,
      to: letter.replyTo,
      raw: writeReply(
        letter,
        letter.replyTo,
        chance.pick(replies[person.locale][tone]),
        `reply-${letter.token}`,
      ),
    })
  })
}

/** A reply that says nothing but “stop”. */
export const sendStop = (stage: Stage, letter: Letter): Promise<void> =>
  post(stage, {
    name: `unsubscribe/stop-${letter.person.locale}`,
    expected: 'unsubscribe',
    from: letter.person.address,
    to: letter.replyTo,
    raw: writeReply(
      letter,
      letter.replyTo,
      stopWords[letter.person.locale],
      `stop-${letter.token}-${stage.now()}`,
    ),
  })

/** The mail program writes to the address of List-Unsubscribe. */
export const sendUnsubscribe = (stage: Stage, letter: Letter): Promise<void> =>
  post(stage, {
    name: 'unsubscribe/mailto',
    expected: 'unsubscribe',
    from: letter.person.address,
    to: letter.unsubscribeMail,
    raw: [
      `From: ${letter.person.address}`,
      `To: ${letter.unsubscribeMail}`,
      'Subject: unsubscribe',
      `Message-ID: <unsub-${letter.token}-${stage.now()}@mail.example>`,
      '',
      'unsubscribe',
      '',
    ].join('\r\n'),
  })
