import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mendEvent } from '../../../../server/features/collect/mend-event.ts'
import { validateEvent } from '../../../../server/features/collect/validate-event.ts'

const primary = new Set([
  'invalid_type',
  'invalid_user_id',
  'invalid_anonymous_id',
  'no_identity',
  'invalid_event_name',
])

describe('an event in another form than ours', () => {
  it.each([
    [{ userId: 42 }, { userId: '42' }],
    [{ userId: 0 }, { userId: '0' }],
    [{ anonymousId: 7 }, { anonymousId: '7' }],
    [
      { groupId: 7, previousId: 8 },
      { groupId: '7', previousId: '8' },
    ],
    [{ messageId: 12345 }, { messageId: '12345' }],
    [{ type: 'Track' }, { type: 'track' }],
    [{ timestamp: 1_769_258_096 }, { timestamp: '2026-01-24T12:34:56.000Z' }],
    [{ sentAt: '2026-01-24 12:34:56' }, { sentAt: '2026-01-24T12:34:56.000Z' }],
    [{ properties: '{"a":1}' }, { properties: { a: 1 } }],
  ])('is rewritten: %j', (given, expected) => {
    const event: Record<string, unknown> = { type: 'track', event: 'A', userId: 'u', ...given }
    expect(mendEvent(event)).toEqual([])
    expect(event).toMatchObject(expected)
    expect(validateEvent(event)).toBeNull()
  })
  it.each([[{ properties: [] }], [{ properties: '' }], [{ traits: [], context: [] }], [{ timestamp: '' }]])(
    'says nothing there: %j',
    (given) => {
      const event: Record<string, unknown> = { type: 'track', event: 'A', userId: 'u', ...given }
      expect(mendEvent(event)).toEqual([])
      expect(event).toEqual({ type: 'track', event: 'A', userId: 'u' })
    },
  )
  it.each([
    [{ properties: ['a'] }, 'properties'],
    [{ properties: 'text' }, 'properties'],
    [{ properties: { 'a\0b': 1 } }, 'properties'],
    [{ context: 7 }, 'context'],
    [{ traits: '{"a":' }, 'traits'],
    [{ timestamp: 'soon' }, 'timestamp'],
    [{ originalTimestamp: {} }, 'originalTimestamp'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ category: 7 }, 'category'],
    [{ groupId: {} }, 'groupId'],
    [{ previousId: 'undefined' }, 'previousId'],
    [{ anonymousId: 'null' }, 'anonymousId'],
    [{ messageId: true }, 'messageId'],
    [{ messageId: 'undefined' }, 'messageId'],
  ])('loses only what cannot be read: %j', (given, field) => {
    const event: Record<string, unknown> = { type: 'track', event: 'A', userId: 'u', ...given }
    expect(mendEvent(event)).toEqual([field])
    expect(event).toEqual({ type: 'track', event: 'A', userId: 'u' })
  })
  it('keeps a message id that is too long distinct, the same for the same event', () => {
    const mended = (messageId: string) => {
      const event = { type: 'track', event: 'A', userId: 'u', messageId }
      mendEvent(event)
      return event.messageId
    }
    expect(mended('a'.repeat(300))).toBe(mended('a'.repeat(300)))
    expect(mended('a'.repeat(300))).not.toBe(mended('a'.repeat(301)))
  })
  it.each([
    [{ userId: 2 ** 53 }, 'invalid_user_id'],
    [{ userId: 1.5 }, 'invalid_user_id'],
    [{ userId: {} }, 'invalid_user_id'],
    [{ userId: 'undefined' }, 'invalid_user_id'],
    [{ userId: 'null', anonymousId: 'v' }, 'invalid_user_id'],
    [{ userId: 'NaN' }, 'invalid_user_id'],
    [{ userId: '[object Object]' }, 'invalid_user_id'],
    [{ userId: null, anonymousId: 'undefined' }, 'invalid_anonymous_id'],
    [{ event: 7 }, 'invalid_event_name'],
  ])('is still refused for who did what: %j', (given, code) => {
    const event: Record<string, unknown> = { type: 'track', event: 'A', userId: 'u', ...given }
    mendEvent(event)
    expect(validateEvent(event)).toBe(code)
  })
  it('is refused afterwards for nothing but who did what, and does not change again', () => {
    const members = ['type', 'userId', 'anonymousId', 'messageId', 'event', 'name', 'category', 'groupId']
    const more = ['previousId', 'properties', 'traits', 'context', 'timestamp', 'originalTimestamp', 'sentAt']
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom('track', 'u', 'undefined', 7, '2026-01-24 12:00:00'),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...members, ...more), odd), (given) => {
        const event = { ...given }
        mendEvent(event)
        const code = validateEvent(event)
        expect(code === null || primary.has(code), String(code)).toBe(true)
        const once = structuredClone(event)
        expect(mendEvent(event)).toEqual([])
        expect(event).toEqual(once)
      }),
      { numRuns: 3000 },
    )
  })
})
