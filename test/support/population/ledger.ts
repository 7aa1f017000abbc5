import type { Person } from './cast.ts'
import type { Letter } from './letter.ts'

/** What the actors know they did, written down by themselves: the truth that the figures are held against. */

export type Device = 'desktop' | 'phone' | 'tablet' | 'hidden'

/**
 * A person has looked at an email.
 * @public
 */
export interface Opening {
  readonly at: number
  readonly device: Device
  /** Mail program as far as it shows itself; null: it shows nothing, or nothing that can be told from a machine. */
  readonly client: string | null
  /** It names the very program, not only the provider of the mailbox. */
  readonly isCertain: boolean
}

export interface Click {
  readonly at: number
  readonly device: Device
  /** It arrived in the product, and the snippet there said so. */
  isVerified: boolean
}

export type Tone = 'positive' | 'negative' | 'neutral'
export type Returned = 'hard' | 'soft' | 'other'

export interface Fate {
  readonly letter: Letter
  returned: Returned | null
  /** All of them, seen or not. */
  readonly openings: Opening[]
  /** Apple’s proxies fetched the picture. */
  isFetchedByApple: boolean
  readonly clicks: Click[]
  /** Arrivals that named the campaign and no click. */
  readonly campaignAt: number[]
  rawOpens: number
  rawClicks: number
  readonly replies: { readonly at: number; readonly tone: Tone }[]
  unsubscribedAt: number | null
  complainedAt: number | null
  surveyedAt: number | null
  extendedAt: number | null
}

type LossCause = 'unsubscribed' | 'complaint' | 'bounce'

export interface Life {
  readonly person: Person
  signedUp: boolean
  activatedAt: number | null
  withdrewAt: number | null
  /** No more mail from then on. */
  lost: { readonly at: number; readonly cause: LossCause } | null
  convertedAt: number | null
  readonly payments: { readonly at: number; readonly amountMinor: number }[]
  /** Moments at which they were about in the product. */
  readonly usedAt: number[]
  surveyAnswer: string | null
  extensions: number
}

/** A mail the receiver would not take, by its own return path. */
interface Refusal {
  readonly person: Person
  readonly at: number
  readonly as: Returned
}

interface Post {
  readonly name: string
  readonly expected: string
  readonly got: string
}

export interface Ledger {
  readonly lives: ReadonlyMap<string, Life>
  readonly fates: ReadonlyMap<string, Fate>
  readonly refusals: ReadonlyMap<string, Refusal>
  /** What was sent to the server’s own mailbox, and what it was taken for. */
  readonly post: Post[]
  readonly counts: { deferred: number; scannerRequests: number; requests: number }
  lifeOf(person: Person): Life
  fateOf(letter: Letter): Fate
  accept(letter: Letter): Fate
  refuse(returnPath: string, refusal: Refusal): void
  /** The mailbox was full, or the like: the third time within two weeks is taken for a dead one. */
  bounceSoftly(person: Person, at: number): void
  /** Keeps the first reason. */
  lose(person: Person, at: number, cause: LossCause): void
}

const softLimit = 3
const softSpanMs = 14 * 86_400_000

export function createLedger(cast: readonly Person[]): Ledger {
  const lives = new Map<string, Life>(
    cast.map((person) => [
      person.userId,
      {
        person,
        signedUp: false,
        activatedAt: null,
        withdrewAt: null,
        lost: null,
        convertedAt: null,
        payments: [],
        usedAt: [],
        surveyAnswer: null,
        extensions: 0,
      },
    ]),
  )
  const fates = new Map<string, Fate>()
  const refusals = new Map<string, Refusal>()
  const softAt = new Map<string, number[]>()
  const found = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the ledger knows nothing of it')
    return value
  }
  const lifeOf = ({ userId }: Person): Life => found(lives.get(userId))
  return {
    lives,
    fates,
    refusals,
    post: [],
    counts: { deferred: 0, scannerRequests: 0, requests: 0 },
    lifeOf,
    fateOf: ({ token }) => found(fates.get(token)),
    accept(letter) {
      if (fates.has(letter.token))
        throw new Error(`an email came twice: ${letter.kind} to ${letter.person.userId}`)
      const fate: Fate = {
        letter,
        returned: null,
        openings: [],
        isFetchedByApple: false,
        clicks: [],
        campaignAt: [],
        rawOpens: 0,
        rawClicks: 0,
        replies: [],
        unsubscribedAt: null,
        complainedAt: null,
        surveyedAt: null,
        extendedAt: null,
      }
      fates.set(letter.token, fate)
      return fate
    },
    refuse(returnPath, refusal) {
      refusals.set(returnPath, refusal)
      if (refusal.as === 'hard') this.lose(refusal.person, refusal.at, 'bounce')
      if (refusal.as === 'soft') this.bounceSoftly(refusal.person, refusal.at)
    },
    bounceSoftly(person, at) {
      const recent = [...(softAt.get(person.userId) ?? []), at].filter((earlier) => earlier > at - softSpanMs)
      softAt.set(person.userId, recent)
      if (recent.length >= softLimit) this.lose(person, at, 'bounce')
    },
    lose(person, at, cause) {
      const life = lifeOf(person)
      life.lost ??= { at, cause }
    },
  }
}
