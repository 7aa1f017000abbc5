import { describe, expect, test } from 'vitest'
import { movedText, requestKey } from '../../extension/ui/extend-plan.ts'
import type { Card, ExtendRequest } from '../../shared/api/card.ts'

const seen = '2026-12-11T23:00:00.000Z'
const later = '2026-12-14T23:00:00.000Z'
const card = (endsAt: string | null): Card =>
  ({
    endsAt,
    timeZone: 'UTC',
    extensions: [{ id: 'x', at: seen, days: 3, before: seen, after: later, by: 'Mia', reason: 'r' }],
  }) as unknown as Card

describe('whether the rep has seen when the trial ends', () => {
  test('needs no word while nothing has moved', () => {
    expect(movedText(seen, card(seen))).toBeNull()
  })

  test('says the new end and who moved it', () => {
    const text = movedText(seen, card(later)) ?? ''
    expect(text).toContain('14')
    expect(text).toContain('3 days more by Mia')
    expect(text).toContain('Nothing was added')
  })

  test('says that there is end date was removed', () => {
    expect(movedText(seen, card(null))).toContain('end date was removed')
  })
})

describe('the key of a request', () => {
  const body = (days: number, expectedEnd = seen): ExtendRequest => ({
    days,
    reason: 'r',
    note: '',
    expectedEnd,
    source: { app: 'gmail', threadId: null },
  })
  let made = 0
  const newKey = () => `key-${++made}`

  test('stays for a repeated request and changes with what is asked', () => {
    const first = requestKey(null, body(7), newKey)
    expect(requestKey(first, body(7), newKey).key).toBe(first.key)
    expect(requestKey(first, body(14), newKey).key).not.toBe(first.key)
    expect(requestKey(first, body(7, later), newKey).key).not.toBe(first.key)
  })
})
