import { browsers } from './agents.ts'
import type { Chance } from './chance.ts'
import type { Letter } from './letter.ts'
import { sendPage } from './readers.ts'
import type { ScannerName } from './shares.ts'
import { afterwards, ask, chanceFor, fetchPixel, followLink, type Stage } from './stage.ts'
import { together } from './timeline.ts'

/**
 * Machines that companies put before their mailboxes. They open every link there is, unsubscribing, survey and
 * extension included, and mostly look like ordinary browsers.
 */

const secondMs = 1000
const namedAgents = [
  'Barracuda Sentinel (EE)',
  'Mozilla/5.0 (compatible; ProofPoint URL Defense)',
  'python-requests/2.32.3',
  'Mimecast-URL-Protect/1.0',
] as const

interface Walk {
  readonly agent: string
  readonly address: string
}

/** Asks for one address of the mail. @returns where it led. */
async function probe(
  stage: Stage,
  letter: Letter,
  url: string,
  { method = 'GET', ...walk }: Walk & { method?: 'GET' | 'HEAD' },
): Promise<string | null> {
  stage.ledger.counts.scannerRequests++
  if (letter.tracked.includes(url))
    return (await followLink(stage, letter, url, { method, ...walk })).location
  await ask(stage, { url, method, ...walk })
  return null
}

async function look(stage: Stage, letter: Letter, walk: Walk): Promise<void> {
  stage.ledger.counts.scannerRequests++
  await fetchPixel(stage, letter, walk)
}

const addressesIn = ({ tracked, pages }: Letter): string[] => [...tracked, ...pages]

/** One after the other, as SafeLinks does: first HEAD, then GET, and the pictures. */
function walkSlowly(stage: Stage, letter: Letter, startMs: number, walk: Walk): void {
  afterwards(stage, letter, startMs, () => look(stage, letter, walk))
  const begin = letter.acceptedAt + Math.round(startMs)
  for (const [index, url] of addressesIn(letter).entries())
    stage.timeline.at(begin + 300 * index + 500, async () => {
      await probe(stage, letter, url, { ...walk, method: 'HEAD' })
      await probe(stage, letter, url, walk)
    })
}

/** In quick succession, by GET alone. */
function walkQuickly(stage: Stage, letter: Letter, startMs: number, walk: Walk): void {
  const begin = letter.acceptedAt + Math.round(startMs)
  for (const [index, url] of addressesIn(letter).entries())
    stage.timeline.at(begin + 100 * index, async () => void (await probe(stage, letter, url, walk)))
}

/** All at the same time, over as many connections, with the pictures. */
const walkAtOnce = async (stage: Stage, letter: Letter, walk: Walk): Promise<void> =>
  together([
    () => look(stage, letter, walk),
    ...addressesIn(letter).map((url) => async () => void (await probe(stage, letter, url, walk))),
  ])

/** Opens the pages in a browser of its own, scripts and all: the snippet there knows nobody. */
function runScripts(stage: Stage, letter: Letter, startMs: number, walk: Walk): void {
  afterwards(stage, letter, startMs, async () => {
    await look(stage, letter, walk)
    for (const url of addressesIn(letter)) {
      const location = await probe(stage, letter, url, walk)
      if (location !== null)
        await sendPage(stage, letter, new URL(location), { anonymousId: `sandbox-${letter.token}` })
    }
  })
}

/** Before the mail is accepted: the receiving server reads it while we wait for its answer. */
export async function scanInline(stage: Stage, letter: Letter): Promise<void> {
  const { scanner, scannerAddress } = letter.person
  if (scanner === 'inline')
    await walkAtOnce(stage, letter, { agent: browsers.desktop, address: scannerAddress })
}

type Scan = (stage: Stage, letter: Letter, how: { chance: Chance; lateMs: number; walk: Walk }) => void

const scans: Readonly<Partial<Record<ScannerName, Scan>>> = {
  walker: (stage, letter, { lateMs, walk }) => walkSlowly(stage, letter, lateMs, walk),
  sprinter: (stage, letter, { chance, walk }) =>
    walkQuickly(stage, letter, chance.between(1, 4) * secondMs, walk),
  parallel: (stage, letter, { lateMs, walk }) =>
    afterwards(stage, letter, lateMs, () => walkAtOnce(stage, letter, walk)),
  named: (stage, letter, { chance, walk }) =>
    walkSlowly(stage, letter, chance.between(1, 55) * secondMs, { ...walk, agent: chance.pick(namedAgents) }),
  script: (stage, letter, { lateMs, walk }) => runScripts(stage, letter, lateMs, walk),
  // Only the first link of each mail, but of everybody’s mail: no single mail gives it away.
  gateway: (stage, letter, { lateMs, walk }) => {
    const [first] = letter.tracked
    if (first !== undefined)
      afterwards(stage, letter, lateMs, async () => void (await probe(stage, letter, first, walk)))
  },
}

export function scan(stage: Stage, letter: Letter): void {
  const { scanner, scannerAddress } = letter.person
  const chance = chanceFor(stage, letter, 'scan')
  const walk = { agent: browsers.desktop, address: scannerAddress }
  scans[scanner]?.(stage, letter, { chance, lateMs: chance.between(8, 50) * secondMs, walk })
}
