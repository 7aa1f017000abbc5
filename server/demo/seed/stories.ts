import type { Random } from '../../ports.ts'
import { between } from './random.ts'

/** What a person of the seed does; the day counts from the first day of the trial, 0 first. */
export type Step = { readonly day: number } & (
  | { readonly do: 'track'; readonly event: string; readonly times: number }
  | { readonly do: 'extend'; readonly days: number; readonly by: 'rep' | 'trialist' }
  | { readonly do: 'convert' }
  | { readonly do: 'answer'; readonly answer: string }
  | { readonly do: 'reply' | 'unsubscribe' | 'open' | 'click' }
)

export interface Story {
  readonly startedDaysAgo: number
  readonly traits?: Readonly<Record<string, unknown>>
  readonly steps: readonly Step[]
}

const track = (day: number, event: string, times = 1): Step => ({ day, do: 'track', event, times })
const visit = (day: number, pages = 2) => track(day, 'page', pages)
const days = (first: number, last: number, step = 1): number[] =>
  Array.from(
    { length: Math.max(0, Math.floor((last - first) / step) + 1) },
    (_, index) => first + index * step,
  )

const activation = (day: number, cards: number): Step[] => [
  visit(day),
  track(day, 'Board Created'),
  track(day, 'Teammate Invited', 2),
  track(day, 'Card Completed', cards),
]

const workdays = (random: Random, first: number, last: number): Step[] =>
  days(first, last).flatMap((day) => [visit(day), track(day, 'Card Completed', between(random, 1, 4))])

/** One kind of trial each; numbers vary with the random stream, the shape does not. */
const stories = {
  newcomer: () => ({ startedDaysAgo: 0, steps: [visit(0, 1)] }),
  silent: (random) => ({ startedDaysAgo: between(random, 4, 8), steps: [visit(0), visit(1, 1)] }),
  silentNearEnd: () => ({ startedDaysAgo: 10, steps: [visit(0)] }),
  fastStart: () => ({
    startedDaysAgo: 1,
    steps: [visit(0), track(0, 'Board Created'), track(0, 'Teammate Invited'), track(0, 'Card Completed')],
  }),
  steady: (random) => ({
    startedDaysAgo: between(random, 3, 5),
    steps: [
      visit(0),
      track(0, 'Board Created'),
      { day: 1, do: 'open' },
      visit(1),
      track(1, 'Card Completed'),
      { day: 2, do: 'click' },
      track(2, 'Teammate Invited'),
      visit(3),
    ],
  }),
  slowButActive: () => ({
    startedDaysAgo: 8,
    steps: [...days(0, 8).map((day) => visit(day)), track(4, 'Board Created')],
  }),
  stalled: (random) => ({
    startedDaysAgo: between(random, 6, 8),
    steps: [visit(0), track(0, 'Board Created'), visit(1, 1)],
  }),
  stalledNearEnd: () => ({
    startedDaysAgo: 12,
    steps: [visit(0), track(0, 'Board Created'), track(1, 'Card Completed'), { day: 2, do: 'open' }],
  }),
  activatedFresh: (random) => ({ startedDaysAgo: 1, steps: activation(0, between(random, 3, 5)) }),
  activatedHeavy: (random) => {
    const startedDaysAgo = between(random, 6, 8)
    return {
      startedDaysAgo,
      steps: [...activation(0, 4), { day: 1, do: 'open' }, ...workdays(random, 1, startedDaysAgo)],
    }
  },
  activatedNearEnd: (random) => ({
    startedDaysAgo: 12,
    steps: [...activation(1, 5), { day: 2, do: 'click' }, ...workdays(random, 2, 11)],
  }),
  activatedPaidFeature: (random) => ({
    startedDaysAgo: 9,
    steps: [
      ...activation(0, 3),
      ...workdays(random, 1, 8),
      track(5, 'Automation Attempted', 2),
      track(6, 'Pricing Viewed'),
    ],
  }),
  opportunist: (random) => ({
    startedDaysAgo: between(random, 2, 9),
    steps: [visit(0, 4), track(0, 'Board Created', 3)],
  }),
  unqualified: (random) => ({
    startedDaysAgo: between(random, 3, 9),
    traits: { useCase: 'private' },
    steps: [visit(0), track(0, 'Board Created'), track(1, 'Card Completed', 2)],
  }),
  converted: (random) => ({
    startedDaysAgo: between(random, 16, 24),
    steps: [
      ...activation(0, 4),
      ...workdays(random, 1, 3),
      { day: 3, do: 'click' },
      track(4, 'Pricing Viewed'),
      { day: 4, do: 'convert' },
    ],
  }),
  convertedLate: (random) => ({
    startedDaysAgo: 40,
    steps: [
      ...activation(3, 3),
      ...workdays(random, 4, 6),
      { day: 26, do: 'click' },
      { day: 27, do: 'convert' },
    ],
  }),
  endedPrice: (random) => ({
    startedDaysAgo: 24,
    steps: [
      ...activation(2, 3),
      ...workdays(random, 3, 8),
      track(11, 'Pricing Viewed', 3),
      { day: 17, do: 'open' },
      { day: 18, do: 'answer', answer: 'price' },
    ],
  }),
  endedNoTime: () => ({
    startedDaysAgo: 21,
    steps: [visit(0), track(1, 'Board Created'), { day: 18, do: 'answer', answer: 'time' }],
  }),
  endedSilent: () => ({ startedDaysAgo: 19, steps: [visit(0), visit(2, 1)] }),
  extendedByRep: () => ({
    startedDaysAgo: 15,
    steps: [
      visit(0),
      track(1, 'Board Created'),
      { day: 11, do: 'extend', days: 14, by: 'rep' },
      visit(13),
      track(13, 'Teammate Invited'),
    ],
  }),
  extendedBySelf: () => ({
    startedDaysAgo: 14,
    steps: [
      visit(0),
      track(1, 'Board Created'),
      { day: 12, do: 'extend', days: 7, by: 'trialist' },
      visit(13),
    ],
  }),
  unsubscribed: () => ({
    startedDaysAgo: 7,
    steps: [visit(0), track(0, 'Board Created'), { day: 2, do: 'unsubscribe' }],
  }),
  replied: () => ({
    startedDaysAgo: 12,
    steps: [visit(0), track(0, 'Board Created'), { day: 11, do: 'reply' }],
  }),
  comeback: () => ({
    startedDaysAgo: 45,
    steps: [visit(0), track(0, 'Board Created'), ...activation(43, 4)],
  }),
} satisfies Record<string, (random: Random) => Story>

export type StoryName = keyof typeof stories

export const storyOf = (name: StoryName, random: Random): Story => stories[name](random)
