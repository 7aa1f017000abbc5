import type { Condition } from '../../../shared/condition.ts'
import type { Field } from '../../../shared/sentence/grammar.ts'
import type { Question } from '../../../shared/sentence/words.ts'
import type { Names } from './slot-editor.tsx'

/** What a person begins with when something is added: valid, and easily changed. */

const first = (names: Names, of: string, otherwise: string): string => names[of]?.[0] ?? otherwise

export function questionOf(question: Question, names: Names): Condition[Question] {
  const begun: { readonly [Q in Question]: Condition[Q] } = {
    segment: ['activated'],
    pace: ['stalled'],
    status: ['trialing'],
    reached: first(names, 'milestone', 'Milestone'),
    event: { name: first(names, 'event', 'Event'), atLeast: 1 },
    trait: { path: first(names, 'trait', 'plan'), exists: true },
    value: { name: first(names, 'value', 'value'), atLeast: 1 },
    score: { atLeast: 50 },
    surveyAnswer: [first(names, 'answer', 'price')],
    daysLeft: { atMost: 3 },
  }
  return begun[question]
}

/** The first value of an optional field. */
export function beginningOf({ path, control }: Field, names: Names): unknown {
  if (path.at(-1) === 'url') return 'https://example.com/'
  switch (control.type) {
    case 'name':
      return first(names, control.of, 'name')
    case 'number':
      return Math.max(control.min, Math.min(control.max, 10))
    case 'flag':
      return true
    case 'text':
      return 'Text'
    case 'texts':
    case 'names':
      return []
    default:
      return {}
  }
}
