import { equal } from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Moments, validateEvent } from '../../../../server/features/collect/validate-event.ts'
import { collectLimits, eventTypes, incomingEventSchema } from '../../../../shared/collect.ts'
import { isPlaceholderId } from '../../../../shared/placeholder-id.ts'

const nested = (levels: number): unknown => (levels === 0 ? 1 : { inner: nested(levels - 1) })

const oddValue = fc.oneof(
  fc.constantFrom(null, undefined, '', 0, 1, true, [], {}, [{}], 'x'),
  fc.constantFrom('a\nb', 'a\ud800', '\udc00', 'ok \u{1f600}', '\u0000', '\u007f', '\u0085'),
  fc.constantFrom(...[199, 200, 201, 254, 255, 256].map((chars) => 'x'.repeat(chars))),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const instant = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .date({ min: new Date('1999-11-01'), max: new Date('2101-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
  fc.constantFrom(
    '2026-02-31T00:00:00.000Z',
    '2026-02-28T24:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00+02:00',
    '2026-01-01T00:00:00.123456Z',
    '2026-01-01',
    '2026-01-01T00:00:00.00xZ',
    '2026-01-01T00:00:60.000Z',
    '1970-01-01T00:00:00.000Z',
    '1999-12-31T23:59:59.999Z',
    '2000-01-01T00:00:00.000Z',
    '2099-12-31T23:59:59.999Z',
    'yesterday',
  ),
)
const bag = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  },
  fc.constantFrom({ 'a\0b': 1 }, { deep: { 'a\0b': 1 } }, { list: [{ ok: [] }] }),
  fc.integer({ min: collectLimits.depth - 2, max: collectLimits.depth + 2 }).map(nested),
)
const id = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom('user-1', 'visitor-1', '') },
  { weight: 1, arbitrary: fc.constantFrom('undefined', 'null', 'NaN', '[object Object]', ' ', 'None') },
)
const near = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: oddValue })
const nearEvent = fc.record(
  {
    type: near(fc.constantFrom<string>(...eventTypes)),
    userId: near(id),
    anonymousId: near(id),
    messageId: near(fc.uuid()),
    event: near(fc.constantFrom('Board Created', 'Card Completed')),
    name: near(fc.constant('Home')),
    category: near(fc.constant('Docs')),
    groupId: near(fc.constant('g')),
    previousId: near(fc.constant('p')),
    properties: near(bag),
    traits: near(bag),
    context: near(bag),
    timestamp: near(instant),
    originalTimestamp: near(instant),
    sentAt: near(instant),
    whatever: fc.jsonValue({ maxDepth: 1 }),
  },
  { requiredKeys: ['type'], noNullPrototype: true },
)

describe('the hand-written event validator', () => {
  it('gives the verdict of its Zod twin on 13,000 valid and nearly valid events', () => {
    let accepted = 0
    let clean = 0
    fc.assert(
      fc.property(
        fc.oneof({ weight: 30, arbitrary: nearEvent }, { weight: 1, arbitrary: fc.jsonValue() }),
        (event) => {
          const twin = incomingEventSchema.safeParse(event)
          const code = validateEvent(structuredClone(event))
          if (code === null) accepted++
          equal(code === null, twin.success, `the verdict is ${code}`)
          // JSON text without a backslash holds no control character, so the search for one may be left out.
          const text = JSON.stringify(event)
          if (text.includes('\\')) return
          clean++
          equal(validateEvent(JSON.parse(text), true), validateEvent(JSON.parse(text)))
        },
      ),
      { numRuns: 13_000 },
    )
    expect(accepted).toBeGreaterThan(2_000)
    expect(clean).toBeGreaterThan(2_500)
  })

  it('reads the instants of what it takes: when it happened at first, and when it was sent', () => {
    const moments: Moments = { at: 1, sentAt: 1 }
    const event = { type: 'page', userId: 'u', timestamp: '2026-01-02T00:00:00Z' }
    expect(validateEvent(event, true, moments)).toBeNull()
    expect(moments).toEqual({ at: Date.UTC(2026, 0, 2), sentAt: null })
    const copied = { ...event, originalTimestamp: '2026-01-01T00:00:00Z', sentAt: '2026-01-03T00:00:00Z' }
    expect(validateEvent(copied, true, moments)).toBeNull()
    expect(moments).toEqual({ at: Date.UTC(2026, 0, 1), sentAt: Date.UTC(2026, 0, 3) })
  })

  it('refuses what stands where an id should, whatever is around it, and nothing else', () => {
    const word = fc.constantFrom('undefined', 'null', 'None', '[object Object]', '[x', 'user-0123456789', '')
    const blanks = fc.stringMatching(/^[ \t\u00a0]{0,9}$/)
    fc.assert(
      fc.property(blanks, fc.oneof(word, fc.string({ maxLength: 14 })), blanks, (before, text, after) => {
        const userId = before + text + after
        const event = { type: 'page', userId, anonymousId: 'visitor' }
        expect(validateEvent(event, true)).toBe(
          userId !== '' && isPlaceholderId(userId) ? 'invalid_user_id' : null,
        )
      }),
      { numRuns: 3_000 },
    )
  })

  it('removes __proto__ keys, so that merging the bag changes no prototype', () => {
    const event = JSON.parse(
      '{"type":"track","event":"x","userId":"u","properties":{"__proto__":{"admin":true},"a":{"__proto__":{"b":1},"constructor":{"prototype":{}}}}}',
    )
    expect(validateEvent(event)).toBeNull()
    expect(Object.keys(event.properties)).toEqual(['a'])
    expect(Object.keys(event.properties.a)).toEqual(['constructor'])
    expect({ ...event.properties }.admin).toBeUndefined()
  })

  it.each([
    [{ type: 'track', userId: 'u' }, 'invalid_event_name'],
    [{ type: 'track', event: 'x' }, 'no_identity'],
    [{ type: 'track', event: 'x', userId: '', anonymousId: '' }, 'no_identity'],
    [{ type: 'track', event: 'x', userId: 7 }, 'invalid_user_id'],
    [{ type: 'nope', userId: 'u' }, 'invalid_type'],
    [{ type: 'page', userId: 'u', timestamp: 'soon' }, 'invalid_timestamp'],
    [{ type: 'page', userId: 'u', properties: [] }, 'invalid_properties'],
    [{ type: 'identify', userId: 'u', traits: 'x' }, 'invalid_traits'],
    [null, 'not_an_object'],
    [[], 'not_an_object'],
  ])('says why it refuses %j', (event, code) => {
    expect(validateEvent(event)).toBe(code)
  })
})
