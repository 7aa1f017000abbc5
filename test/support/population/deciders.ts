import { browserOf } from './agents.ts'
import type { Chance } from './chance.ts'
import { sendStop, sendUnsubscribe } from './correspondents.ts'
import type { Letter } from './letter.ts'
import { habits } from './shares.ts'
import { afterwards, ask, chanceFor, type Stage } from './stage.ts'

/** What people settle by a press of a button: no more mail, an answer, more days. */

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const ways = { oneClick: 0.5, page: 0.25, mail: 0.15, stopReply: 0.1 } as const
type Way = keyof typeof ways

const pressing = ({ person }: Letter) => ({
  method: 'POST' as const,
  agent: browserOf(person),
  address: person.home,
  type: 'application/x-www-form-urlencoded',
})

async function leave(stage: Stage, letter: Letter, way: Way): Promise<void> {
  if (way === 'mail') return sendUnsubscribe(stage, letter)
  if (way === 'stopReply') return sendStop(stage, letter)
  if (way === 'page') {
    await ask(stage, { ...pressing(letter), method: 'GET', url: letter.oneClick })
    await ask(stage, { ...pressing(letter), url: letter.oneClick, body: '' })
    return
  }
  // RFC 8058: the mailbox provider posts it, from its own machines.
  await ask(stage, {
    ...pressing(letter),
    url: letter.oneClick,
    agent: 'Mozilla/5.0 (compatible; MailUnsubscribe)',
    address: '66.249.90.4',
    body: 'List-Unsubscribe=One-Click',
  })
}

export function considerLeaving(stage: Stage, letter: Letter): void {
  const chance = chanceFor(stage, letter, 'leave')
  if (!chance.happens(habits.unsubscribes)) return
  const [first, second] = [chance.share(ways), chance.share(ways)] as const
  afterwards(stage, letter, chance.wait(2 * minuteMs, 30 * hourMs), async () => {
    const { ledger } = stage
    if (ledger.lifeOf(letter.person).lost === null) {
      ledger.lose(letter.person, stage.now(), 'unsubscribed')
      ledger.fateOf(letter).unsubscribedAt = stage.now()
    }
    await leave(stage, letter, first)
    if (chance.happens(habits.unsubscribesAgain)) leaveAgain(stage, letter, second)
  })
}

/** Said once more, of an older mail too: it is the same person who has left once. */
function leaveAgain(stage: Stage, letter: Letter, way: Way): void {
  const oldest = [...stage.ledger.fates.values()].find((fate) => fate.letter.person === letter.person)
  stage.timeline.at(stage.now() + 5 * hourMs, () => leave(stage, oldest?.letter ?? letter, way))
}

async function answer(stage: Stage, letter: Letter, url: string, comment: string): Promise<void> {
  const id = url.slice(url.lastIndexOf('/') + 1)
  await ask(stage, { ...pressing(letter), method: 'GET', url })
  const life = stage.ledger.lifeOf(letter.person)
  if (life.convertedAt === null) {
    stage.ledger.fateOf(letter).surveyedAt ??= stage.now()
    life.surveyAnswer = id
  }
  await ask(stage, {
    ...pressing(letter),
    url,
    body: new URLSearchParams({ answer: id, comment }).toString(),
  })
}

async function takeDays(stage: Stage, letter: Letter, url: string): Promise<void> {
  const { body } = await ask(stage, { ...pressing(letter), method: 'GET', url })
  const end = /name="end" value="(\d+)"/.exec(body)?.[1]
  const life = stage.ledger.lifeOf(letter.person)
  if (life.convertedAt === null) {
    if (end === undefined) throw new Error('the page offers no days')
    stage.ledger.fateOf(letter).extendedAt ??= stage.now()
    life.extensions = 1
  }
  const press = { ...pressing(letter), url, body: `end=${end}` }
  await ask(stage, press)
  // Impatient people press twice.
  await ask(stage, press)
}

/** @param openedAfterMs when they had the mail before their eyes. */
export function decide(stage: Stage, letter: Letter, openedAfterMs: number): void {
  const chance: Chance = chanceFor(stage, letter, 'decide')
  const soon = openedAfterMs + chance.between(1, 20) * minuteMs
  const survey = letter.pages.filter((page) => page.includes('/s/'))
  const extend = letter.pages.find((page) => page.includes('/x/'))
  if (survey.length > 0 && chance.happens(habits.answersSurvey))
    afterwards(stage, letter, soon, () => answer(stage, letter, chance.pick(survey), 'We ran out of time.'))
  if (extend !== undefined && chance.happens(habits.extends))
    afterwards(stage, letter, soon, () => takeDays(stage, letter, extend))
}
