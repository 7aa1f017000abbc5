import { describe, expect, test } from 'vitest'
import { follow, type Seen } from '../../extension/panel-follow.ts'

const seen = (tabId: number, ...emails: string[]): Seen => ({
  tabId,
  screen: { people: emails.map((email) => ({ email, name: null })), threadId: null, health: 'good' },
})

describe('the side panel', () => {
  test('shows who is on screen, once', () => {
    const first = follow(null, seen(1, 'ann@example.com'), false)
    expect(first.show).toEqual(seen(1, 'ann@example.com').screen)
    expect(follow(first.key, seen(1, 'ann@example.com'), false).show).toBe('as_before')
  })

  test('keeps a search while the tab shows the same, or nobody', () => {
    const { key } = follow(null, seen(1, 'bob@example.com'), false)
    expect(follow(key, seen(1, 'bob@example.com'), true).show).toBe('as_before')
    expect(follow(key, seen(1), true).show).toBe('as_before')
  })

  test('ends a search when the tab shows someone else, or another tab is in front', () => {
    const { key } = follow(null, seen(1, 'bob@example.com'), false)
    expect(follow(key, seen(1, 'ann@example.com'), true).show).toMatchObject({
      people: [{ email: 'ann@example.com' }],
    })
    expect(follow(key, seen(2, 'bob@example.com'), true).show).not.toBe('as_before')
  })

  test('shows no one any more when the tab has gone elsewhere', () => {
    const { key } = follow(null, seen(1, 'bob@example.com'), false)
    expect(follow(key, { tabId: 1, screen: null }, false).show).toBeNull()
  })
})
