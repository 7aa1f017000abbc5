import { type Chance, chanceOf } from './chance.ts'
import {
  type ConsentName,
  consentShares,
  habits,
  type LocaleName,
  localeShares,
  type ProgramName,
  programShares,
  type ReceiverName,
  receiverShares,
  type ScannerName,
  scannerShares,
  zones,
} from './shares.ts'

/** One simulated recipient, and all that is settled about them beforehand. */
export interface Person {
  readonly userId: string
  readonly address: string
  readonly name: string
  readonly locale: LocaleName
  readonly zone: string
  readonly program: ProgramName
  readonly scanner: ScannerName
  /** Address of the scanner; of a gateway the same for the whole company. */
  readonly scannerAddress: string
  readonly receiver: ReceiverName
  readonly consent: ConsentName
  /** Browser address of their own. */
  readonly home: string
  readonly signsUpAt: number
  /** When they first feel value; null: not in this trial. */
  readonly activeAt: number | null
  readonly buysByChanceAt: number | null
  readonly complains: boolean
  readonly answersAutomatically: boolean
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** People come in waves, so that mails go out in waves. */
const waveMs = 6 * hourMs
/** So many that a gateway meets three of them at a time, whoever has left or is held out: fewer look like people. */
const companySize = 10

const givenNames = [
  'Ann',
  'Björn',
  'Chi',
  'Dalia',
  'Émile',
  'Fatma',
  'Gus',
  'Hà',
  'Iñaki',
  'Ji-woo',
  'Kim',
  'Léa',
]

const addressOf = (chance: Chance): string =>
  `${20 + Math.floor(chance.next() * 60)}.${Math.floor(chance.next() * 256)}.${Math.floor(chance.next() * 256)}.${1 + Math.floor(chance.next() * 250)}`

const isPrivate = (program: ProgramName): boolean =>
  program === 'gmail' || program === 'gmailPrefetch' || program === 'yahoo' || program === 'applePrivacy'

function hostOf(program: ProgramName, receiver: ReceiverName, index: number): string {
  // A greylisting server asks all senders to its domain to slow down: it keeps that to itself.
  if (receiver === 'greylists') return `slow-${index % 17}.example`
  if (program === 'gmail' || program === 'gmailPrefetch') return 'gmail.example'
  if (program === 'yahoo') return 'yahoo.example'
  return program === 'applePrivacy' ? 'icloud.example' : `firm-${index % 211}.example`
}

interface Schedule {
  readonly signsUpAt: number
  readonly activeAt: number | null
}

/** Half of the people feel value within four days; the others do not in this trial. */
function scheduleOf(chance: Chance, startAt: number, spanDays: number): Schedule {
  const waves = (spanDays * dayMs) / waveMs
  const signsUpAt = startAt + Math.floor(chance.next() * waves) * waveMs
  const activeAt = chance.happens(0.5) ? signsUpAt + Math.round(chance.between(6, 84)) * hourMs : null
  return { signsUpAt, activeAt }
}

function personOf(
  seed: number,
  index: number,
  schedule: Schedule,
  { spanDays, startAt, gateway }: { spanDays: number; startAt: number; gateway: string | null },
): Person {
  const chance = chanceOf(seed, 'person', index)
  const program: ProgramName =
    gateway === null ? chance.share(programShares) : chance.pick(['outlook', 'thunderbird'] as const)
  const receiver = chance.share(receiverShares)
  const locale = chance.share(localeShares)
  const scanner = gateway !== null ? 'gateway' : isPrivate(program) ? 'none' : chance.share(scannerShares)
  const isLate = schedule.signsUpAt > startAt + 0.6 * spanDays * dayMs
  return {
    userId: `person-${index}`,
    address: `p${index}@${gateway === null ? hostOf(program, receiver, index) : `company-${gateway}.example`}`,
    name: `${chance.pick(givenNames)} ${index}`,
    locale,
    zone: chance.pick(zones[locale]),
    program,
    scanner,
    scannerAddress: gateway === null ? addressOf(chance) : `198.51.${gateway}.7`,
    receiver: gateway !== null && receiver === 'greylists' ? 'takes' : receiver,
    consent: chance.share(consentShares),
    home: addressOf(chance),
    ...schedule,
    buysByChanceAt:
      schedule.activeAt !== null && chance.happens(habits.buysByChance)
        ? schedule.activeAt + Math.round(chance.between(2, 60)) * hourMs
        : null,
    // Late, when enough mail is out: a handful of complaints among the first hundred mails would rightly stop it all.
    complains: isLate && chance.happens(habits.complains / 0.4),
    answersAutomatically: chance.happens(habits.answersAutomatically),
  }
}

/** @param size how many people; one in eight works behind a company’s own gateway. */
export function castOf({
  size,
  seed,
  startAt,
  spanDays,
}: {
  size: number
  seed: number
  startAt: number
  spanDays: number
}): Person[] {
  const companies = Math.min(250, Math.floor(size / 8 / companySize))
  const inCompanies = companies * companySize
  return Array.from({ length: size }, (_, index) => {
    const company = index < inCompanies ? Math.floor(index / companySize) : null
    // A company’s people begin together and get there together.
    const own = company === null ? ['alone', index] : ['company', company]
    const schedule = scheduleOf(chanceOf(seed, ...own), startAt, spanDays)
    return personOf(seed, index, schedule, {
      spanDays,
      startAt,
      gateway: company === null ? null : String(company),
    })
  })
}
