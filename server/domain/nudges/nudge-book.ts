import { LRUCache } from 'lru-cache'
import { nudgeTheme } from '../../../shared/brand/dress.ts'
import { durationMs } from '../../../shared/clock.ts'
import type { LocalRules } from '../../../shared/collect.ts'
import type { Condition } from '../../../shared/condition.ts'
import type { NudgeRule } from '../../../shared/playbook.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { slotsOf } from './text.ts'

/** What the nudges of one playbook version come to, whoever is asked about: made once for each version. */
export interface NudgeBook {
  readonly server: readonly BookedNudge[]
  readonly local: readonly BookedNudge[]
  /** Events that the browser sends at once. */
  readonly urgent: readonly string[]
  readonly caps: LocalRules['caps']
  /** Counters that the browser’s own rules ask for. */
  readonly askedEvents: readonly string[]
  /** Words in texts beside the numbers: product name, addresses. */
  readonly words: ReadonlyMap<string, string>
  /** Of the brand, see `nudgeTheme`; undefined: ours. */
  readonly theme: string | undefined
  /** The browser’s rules by what they depend on, see `localRules`. */
  readonly rulesMade: LRUCache<string, LocalRules>
}

export interface BookedNudge {
  readonly rule: NudgeRule
  readonly snoozeMs: number
  /** Asks for money; a wall is the answer to the person’s own step and not counted as one. */
  readonly isPitch: boolean
  /** Values of the playbook that its texts name, in any language. */
  readonly values: readonly string[]
  /** Parts of its condition that the browser cannot answer. */
  readonly hidden: readonly Condition[]
}

/** Different sets of rules that one version gives its people: they differ in numbers, language and what is silent. */
const rulesRemembered = 300

const books = new WeakMap<CompiledPlaybook, NudgeBook>()

export function bookOf(playbook: CompiledPlaybook): NudgeBook {
  const known = books.get(playbook)
  if (known) return known
  const book = createBook(playbook)
  books.set(playbook, book)
  return book
}

function createBook({ playbook, nudges, values, milestonesByEvent }: CompiledPlaybook): NudgeBook {
  const { product, caps } = playbook
  const booked = nudges.map((rule) => ({
    rule,
    snoozeMs: durationMs(rule.snooze),
    isPitch: isPitch(rule, product.upgradeUrl),
    values: slotsOf(rule).filter((name) => values.has(name)),
    hidden: hiddenIn(rule.when),
  }))
  const local = booked.filter(({ rule }) => rule.decide === 'local')
  const triggers = nudges.flatMap(({ on }) => (on !== 'any' && 'event' in on ? [on.event] : []))
  return {
    server: booked.filter(({ rule }) => rule.decide === 'server'),
    local,
    urgent: [...new Set([...milestonesByEvent.keys(), ...triggers])],
    caps: {
      perSession: caps.nudgesPerSession,
      perDay: caps.nudgesPerDay,
      perWeek: caps.nudgesPerWeek,
      gapMs: durationMs(caps.nudgeGap),
    },
    askedEvents: [
      ...new Set(
        local.flatMap(({ rule }) => [...eventsOf(rule.when), ...(rule.meter ? [rule.meter.event] : [])]),
      ),
    ],
    words: new Map([
      ['product', product.name],
      ['upgradeUrl', product.upgradeUrl],
      ['productUrl', product.url],
    ]),
    theme: nudgeTheme(playbook.brand),
    rulesMade: new LRUCache({ max: rulesRemembered }),
  }
}

const isPitch = ({ format, content: { action } }: NudgeRule, upgradeUrl: string): boolean =>
  format !== 'upgrade_wall' &&
  action !== undefined &&
  (action.url === upgradeUrl || action.url.includes('{{upgradeUrl}}'))

const partsOf = ({ all = [], any = [], not }: Condition): Condition[] => [
  ...all,
  ...any,
  ...(not ? [not] : []),
]

const eventsOf = (condition: Condition): string[] => [
  ...(condition.event ? [condition.event.name] : []),
  ...partsOf(condition).flatMap(eventsOf),
]

/** Traits that came from the team’s server, pace, score and the survey. */
export const hiddenPart = ({ trait, pace, score, surveyAnswer }: Condition): Condition => ({
  trait,
  pace,
  score,
  surveyAnswer,
})

function hiddenIn(condition: Condition): Condition[] {
  const own = hiddenPart(condition)
  const isAsked = Object.values(own).some((part) => part !== undefined)
  return [...(isAsked ? [own] : []), ...partsOf(condition).flatMap(hiddenIn)]
}
