import { describe, expect, it } from 'vitest'
import { defaultPlaybook } from '../../../server/domain/playbook/default.ts'
import { differences } from '../../../shared/sentence/difference.ts'
import { en } from '../../../shared/sentence/words/en.ts'

const changed = (change: (copy: typeof defaultPlaybook) => object) =>
  differences(defaultPlaybook, change(structuredClone(defaultPlaybook)), en)

describe('what differs between two playbooks', () => {
  it('is nothing between equals', () => {
    expect(changed((copy) => copy)).toEqual([])
  })
  it('is the sentence that changed, as it was and as it is', () => {
    const found = changed((copy) => ({
      ...copy,
      messages: copy.messages.map((rule) =>
        rule.id === 'expiring-activated-3d' ? { ...rule, offset: '-5d' } : rule,
      ),
    }))
    expect(found).toEqual([
      {
        part: 'messages',
        rule: 'expiring-activated-3d',
        change: 'changed',
        before: [
          'Send Trial ends: upgrade 3 days before the trial’s end to people who are Activated, in the usual hours, at most 4 times.',
        ],
        after: [
          'Send Trial ends: upgrade 5 days before the trial’s end to people who are Activated, in the usual hours, at most 4 times.',
        ],
      },
    ])
  })
  it('names rules that came and went, and a new order', () => {
    const [first, ...rest] = defaultPlaybook.messages
    const gone = changed((copy) => ({ ...copy, messages: rest }))
    expect(gone.map(({ rule, change }) => [rule, change])).toEqual([[first?.id, 'removed']])
    const moved = changed((copy) => ({ ...copy, messages: [...rest, first] }))
    expect(moved.map(({ part, rule, change }) => [part, rule, change])).toEqual([
      ['messages', null, 'changed'],
    ])
  })
  it('shows what no sentence says as it is', () => {
    const found = changed((copy) => ({ ...copy, benchmarks: { openRate: 0.4 } }))
    expect(found).toEqual([
      { part: 'benchmarks', rule: null, change: 'changed', before: ['{}'], after: ['{"openRate":0.4}'] },
    ])
  })
})
