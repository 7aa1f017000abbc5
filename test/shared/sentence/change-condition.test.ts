import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withAlternative, withoutQuestion, withQuestion } from '../../../shared/sentence/change-condition.ts'
import { anyCondition } from '../../support/random-rules.ts'

const activated = { segment: ['activated'] as const }

describe('a question that is added', () => {
  it('must hold beside the others', () => {
    const rule = { when: { ...activated } }
    expect(withQuestion(rule, ['when'], 'reached', 'Set up')).toEqual({
      when: { segment: ['activated'], reached: 'Set up' },
    })
  })
  it('asked twice, or denied twice, stands beside the first', () => {
    const once = withQuestion({ when: { reached: 'A' } }, ['when'], 'reached', 'B')
    expect(once).toEqual({ when: { reached: 'A', all: [{ reached: 'B' }] } })
    const denied = withQuestion({ when: { not: { reached: 'A' } } }, ['when'], 'reached', 'B', true)
    expect(denied).toEqual({ when: { not: { reached: 'A' }, all: [{ not: { reached: 'B' } }] } })
  })
  it('instead of the others opens “or”, and a further one joins it', () => {
    const two = withAlternative({ when: activated }, ['when'], 'reached', 'A')
    expect(two).toEqual({ when: { any: [activated, { reached: 'A' }] } })
    expect(withAlternative(two, ['when'], 'reached', 'B')).toEqual({
      when: { any: [activated, { reached: 'A' }, { reached: 'B' }] },
    })
  })
})

describe('a question that is taken away', () => {
  it('takes along what it leaves empty: nobody is shut out by an empty “not”', () => {
    expect(withoutQuestion({ when: { not: activated } }, ['when', 'not', 'segment'], 1)).toEqual({ when: {} })
    const nested = { when: { any: [{ all: [activated] }, { reached: 'A' }] } }
    expect(withoutQuestion(nested, ['when', 'any', 0, 'all', 0, 'segment'], 1)).toEqual({
      when: { any: [{ reached: 'A' }] },
    })
  })
  it('leaves the condition that was there before it was added', () => {
    fc.assert(
      fc.property(anyCondition, (when) => {
        fc.pre(when.reached === undefined)
        const added = withQuestion({ when }, ['when'], 'reached', 'A')
        expect(withoutQuestion(added, ['when', 'reached'], 1)).toEqual({ when })
      }),
      { numRuns: 200 },
    )
  })
})
