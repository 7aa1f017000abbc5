import { dayMs } from '../../../shared/clock.ts'
import type { ConditionFacts } from '../../../shared/condition.ts'
import { evaluateFormula } from '../../../shared/formula.ts'
import type { Pace, Segment, TrialStatus } from '../../../shared/trial.ts'
import type { CompiledPlaybook, CompiledValue } from '../playbook/compile.ts'
import type { Person, Standing, Trial, Usage } from '../trial/model.ts'
import { countOf } from '../trial/usage.ts'

/** Fields that conditions ask for like traits, unless there is a trait of that name. */
const fieldOf = (person: Person, path: string): unknown =>
  path === 'email' ? person.email : path === 'company' ? person.company : undefined

/** A trait by dotted path, or address and company; undefined when any part of it is missing. */
function traitOf(person: Person, path: string): unknown {
  if (Object.hasOwn(person.traits, path)) return person.traits[path]
  if (!path.includes('.')) return fieldOf(person, path)
  let value: unknown = person.traits
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

export interface Sources {
  readonly usage: Usage
  readonly person: Person
}

function computed(
  value: CompiledValue,
  sources: Sources,
  playbook: CompiledPlaybook,
  busy: readonly string[],
): number | null {
  if (busy.includes(value.name)) return null
  const result = evaluateFormula(value.formula, {
    count: (event) => countOf(sources.usage, event),
    trait: (path) => traitOf(sources.person, path),
    value: (name) => {
      const other = playbook.values.get(name)
      return other && computed(other, sources, playbook, [...busy, value.name])
    },
  })
  if (result === null) return null
  // Through decimal text, so that rounding to 0.1 gives 0.3 and not 0.30000000000000004.
  return Number((Math.round(result / value.round) * value.round).toPrecision(12))
}

/** A value of the playbook for one person; null when it is unknown or a term of it is missing. */
export function numberOf(name: string, sources: Sources, playbook: CompiledPlaybook): number | null {
  const value = playbook.values.get(name)
  return value ? computed(value, sources, playbook, []) : null
}

/** All values that can be said: those above 0. */
export function numbersOf(sources: Sources, playbook: CompiledPlaybook): Record<string, number> {
  const values: Record<string, number> = {}
  for (const name of playbook.values.keys()) {
    const value = numberOf(name, sources, playbook)
    if (value !== null && value > 0) values[name] = value
  }
  return values
}

/** Days left before the current end; null without an end or once it has passed. */
export const daysLeftAt = (endsAt: number | null, at: number): number | null =>
  endsAt === null || endsAt <= at ? null : (endsAt - at) / dayMs

export interface FactInputs extends Sources {
  readonly segment: Segment
  readonly pace: Pace
  readonly status: TrialStatus
  readonly score: number
  readonly reachedAt: Standing['reachedAt']
  readonly surveyAnswer: string | null
  readonly daysLeft: number | null
}

class Facts implements ConditionFacts {
  readonly segment: Segment
  readonly pace: Pace
  readonly status: TrialStatus
  readonly score: number
  readonly surveyAnswer: string | null
  readonly daysLeft: number | null
  readonly #inputs: FactInputs
  readonly #playbook: CompiledPlaybook
  #reached: ReadonlySet<string> | null = null

  constructor(inputs: FactInputs, playbook: CompiledPlaybook) {
    this.segment = inputs.segment
    this.pace = inputs.pace
    this.status = inputs.status
    this.score = inputs.score
    this.surveyAnswer = inputs.surveyAnswer
    this.daysLeft = inputs.daysLeft
    this.#inputs = inputs
    this.#playbook = playbook
  }
  get reachedMilestones() {
    this.#reached ??= new Set(Object.keys(this.#inputs.reachedAt))
    return this.#reached
  }
  eventCount(name: string) {
    return countOf(this.#inputs.usage, name)
  }
  trait(path: string) {
    return traitOf(this.#inputs.person, path)
  }
  value(name: string) {
    return numberOf(name, this.#inputs, this.#playbook)
  }
}

export const conditionFacts = (inputs: FactInputs, playbook: CompiledPlaybook): ConditionFacts =>
  new Facts(inputs, playbook)

/** What a condition may ask about this trial at that moment. */
export const factsOfTrial = (
  trial: Trial,
  standing: Standing,
  status: TrialStatus,
  playbook: CompiledPlaybook,
  at: number,
): ConditionFacts =>
  conditionFacts(
    {
      usage: trial.usage,
      person: trial.person,
      segment: standing.segment,
      pace: standing.pace,
      score: standing.score,
      reachedAt: standing.reachedAt,
      status,
      surveyAnswer: trial.survey?.answer ?? null,
      daysLeft: daysLeftAt(trial.clock.endsAt, at),
    },
    playbook,
  )
