import { appleAgent, browserOf, gmailAgent, gmailAheadAgent, programs } from './agents.ts'
import { considerBuying } from './buyers.ts'
import type { Chance } from './chance.ts'
import type { Click } from './ledger.ts'
import type { Letter } from './letter.ts'
import { habits } from './shares.ts'
import { afterwards, ask, chanceFor, fetchPixel, followLink, isFollowed, type Stage } from './stage.ts'

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

/** Apple’s and Gmail’s machines, which fetch the pictures whether anyone reads or not. */
export function fetchAhead(stage: Stage, letter: Letter): void {
  const chance = chanceFor(stage, letter, 'ahead')
  const { program } = letter.person
  if (program === 'applePrivacy')
    // At night, on the charger, some phones only hours later.
    afterwards(stage, letter, chance.wait(2 * secondMs, 6 * hourMs), async () => {
      if (letter.pixel !== null && isFollowed(stage, letter.person))
        stage.ledger.fateOf(letter).isFetchedByApple = true
      await fetchPixel(stage, letter, {
        agent: appleAgent,
        address: `17.58.${Math.floor(chance.next() * 99)}.8`,
      })
    })
  if (program === 'gmailPrefetch') {
    const agent = chance.happens(0.5) ? gmailAheadAgent : gmailAgent
    afterwards(stage, letter, chance.between(secondMs, 4 * secondMs), () =>
      fetchPixel(stage, letter, { agent, address: '66.249.93.21' }),
    )
  }
}

/** A person has the mail before their eyes. */
async function look(stage: Stage, letter: Letter): Promise<void> {
  const { person } = letter
  const { agent, from, device, client, isCertain } = programs[person.program]
  const isSeen = agent !== null && letter.pixel !== null && isFollowed(stage, person)
  stage.ledger.fateOf(letter).openings.push({
    at: stage.now(),
    ...(isSeen ? { device, client, isCertain } : { device: 'hidden', client: null, isCertain: false }),
  })
  if (agent !== null) await fetchPixel(stage, letter, { agent, address: from ?? person.home })
}

/** The browser stands in the product, and the snippet there says where it came from. */
async function arrive(
  stage: Stage,
  letter: Letter,
  location: string,
  how: { click: Click; losesClickId: boolean },
): Promise<void> {
  const { person } = letter
  const target = new URL(location)
  if (how.losesClickId) target.searchParams.delete('tpc')
  const life = stage.ledger.lifeOf(person)
  life.usedAt.push(stage.now())
  if (isFollowed(stage, person)) {
    if (how.losesClickId) stage.ledger.fateOf(letter).campaignAt.push(stage.now())
    else how.click.isVerified = true
  }
  await sendPage(stage, letter, target, { userId: person.userId })
}

/** What the snippet sends when a page opens. */
export async function sendPage(
  stage: Stage,
  { person, token }: Letter,
  target: URL,
  who: { userId: string } | { anonymousId: string },
): Promise<void> {
  const page = { url: target.href, path: target.pathname, search: target.search }
  await ask(stage, {
    url: `${stage.url}/v1/batch`,
    method: 'POST',
    agent: browserOf(person),
    address: person.home,
    type: 'text/plain',
    headers: { 'X-Write-Key': stage.writeKey },
    body: JSON.stringify({
      ...('userId' in who && { identityToken: await stage.sign(who.userId) }),
      batch: [
        { type: 'page', messageId: `${token}-${stage.now()}-${Object.keys(who)}`, ...who, context: { page } },
      ],
    }),
  })
}

async function click(stage: Stage, letter: Letter, url: string, chance: Chance): Promise<void> {
  const { person } = letter
  const visit = { agent: browserOf(person), address: person.home }
  const made: Click = { at: stage.now(), device: programs[person.program].browser, isVerified: false }
  if (isFollowed(stage, person)) stage.ledger.fateOf(letter).clicks.push(made)
  const { location } = await followLink(stage, letter, url, visit)
  if (location === null) throw new Error('a link that leads nowhere')
  if (chance.happens(habits.doubleClicks))
    stage.timeline.at(stage.now() + 300, async () => void (await followLink(stage, letter, url, visit)))
  const arrives = chance.happens(habits.arrives)
  if (arrives) {
    const losesClickId = chance.happens(habits.losesClickId)
    stage.timeline.at(stage.now() + 3 * secondMs, () =>
      arrive(stage, letter, location, { click: made, losesClickId }),
    )
  }
  considerBuying(stage, letter, chance, arrives ? habits.buysAfterArriving : habits.buysAfterClicking)
}

/** Reads once or more, and clicks what interests: the rest of what people do is in deciders.ts and correspondents.ts. */
export function read(stage: Stage, letter: Letter): { openedAfterMs: number } | null {
  const chance = chanceFor(stage, letter, 'read')
  if (!chance.happens(habits.opens[letter.kind])) return null
  const openedAfterMs = chance.wait(90 * secondMs, 40 * hourMs)
  afterwards(stage, letter, openedAfterMs, () => look(stage, letter))
  const { agent, from } = programs[letter.person.program]
  if (agent !== null && chance.happens(habits.scrollsBack))
    afterwards(stage, letter, openedAfterMs + 5 * secondMs, async () => {
      // The same opening: the picture has scrolled out of sight and back.
      stage.timeline.at(stage.now() + 20 * secondMs, () =>
        fetchPixel(stage, letter, { agent, address: from ?? letter.person.home }),
      )
    })
  if (chance.happens(habits.reopens))
    afterwards(stage, letter, openedAfterMs + chance.wait(20 * minuteMs, 30 * hourMs), () =>
      look(stage, letter),
    )
  if (letter.tracked.length > 0 && chance.happens(habits.clicksAfterOpening)) {
    const first = chance.pick(letter.tracked)
    afterwards(stage, letter, openedAfterMs, async () => {
      stage.timeline.at(stage.now() + 1000 * Math.round(chance.between(8, 90)), () =>
        click(stage, letter, first, chance),
      )
    })
    if (chance.happens(habits.clicksSecondLink))
      afterwards(stage, letter, openedAfterMs + chance.between(5 * minuteMs, 40 * minuteMs), () =>
        click(stage, letter, chance.pick(letter.tracked), chance),
      )
  } else
    afterwards(stage, letter, openedAfterMs, async () =>
      considerBuying(stage, letter, chance, habits.buysAfterOpening),
    )
  return { openedAfterMs }
}
