import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { copy, json } from '../../sdk/json.ts'

const nested = (levels: number): unknown => (levels ? { in: nested(levels - 1) } : 'bottom')
const throwing = {
  role: 'lead',
  get odd() {
    throw new Error('no')
  },
}
const circular: Record<string, unknown> = { role: 'lead', list: [1] }
circular.self = circular
;(circular.list as unknown[]).push(circular)

describe('a value that JSON cannot say costs itself', () => {
  test.each<[name: string, value: unknown, said: unknown]>([
    ['cycle', circular, { role: 'lead', list: [1, null] }],
    ['getter that throws', throwing, { role: 'lead' }],
    ['toJSON that throws', { role: 'lead', odd: { toJSON: () => throwing.odd } }, { role: 'lead' }],
    [
      'toJSON that returns itself',
      {
        role: 'lead',
        odd: {
          toJSON() {
            return this
          },
        },
      },
      { role: 'lead' },
    ],
    ['BigInt', { account: 9007199254740993n }, { account: '9007199254740993' }],
    ['function, symbol', { f: () => 1, s: Symbol('s'), ok: 1 }, { ok: 1 }],
    ['NaN, Infinity', { n: Number.NaN, i: Number.POSITIVE_INFINITY }, { n: null, i: null }],
    ['date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['date that is none', { at: new Date('nope'), ok: 1 }, { ok: 1 }],
    ['URL, by its own toJSON', { url: new URL('https://a.example/') }, { url: 'https://a.example/' }],
    ['map', { m: new Map([[1, 2]]) }, { m: {} }],
    ['lone surrogate', { text: 'a\ud83d' }, { text: 'a\ud83d' }],
    ['the same object twice', { a: throwing, b: throwing }, { a: { role: 'lead' }, b: { role: 'lead' } }],
    ['holes', { list: Object.assign([], { 1: 1 }) }, { list: [null, 1] }],
  ])('%s', (_name, value, said) => {
    expect(copy(value)).toEqual(said)
  })

  test('what is deeper than the server takes is left out', () => {
    const said = json({ properties: nested(40), ok: 1 })
    expect(said).toContain('"ok":1')
    expect(said).not.toContain('bottom')
  })

  test('a proxy that throws at every touch', () => {
    const boom = () => {
      throw new Error('touched')
    }
    const odd = new Proxy({}, { get: boom, ownKeys: boom, getPrototypeOf: boom, has: boom })
    expect(copy({ odd, ok: 1 })).toEqual({ ok: 1 })
  })
})

describe('room', () => {
  const event = (properties: object) => ({ type: 'track', context: { page: {} }, properties })

  test('what is too large goes alone, the rest stays', () => {
    const large = { blob: 'x'.repeat(40_000), deep: { list: ['y'.repeat(40_000)] }, han: '漢'.repeat(12_000) }
    expect(copy(event({ ...large, role: 'lead' }), 32_000).properties).toEqual({ role: 'lead' })
  })

  test('it is counted in bytes of UTF-8', () => {
    expect(copy(event({ text: '漢'.repeat(9000) }), 32_000).properties).toEqual({ text: '漢'.repeat(9000) })
    const said = json(event({ a: '漢'.repeat(9000), b: 'é'.repeat(9000) }), 32_000)
    expect(Buffer.byteLength(said)).toBeLessThan(32_768)
  })

  test('a graph in which everything hangs together is left out in no time', () => {
    const nodes = Array.from({ length: 300 }, (_, n) => ({ n }) as Record<string, unknown>)
    for (const node of nodes) for (const [n, other] of nodes.entries()) node[`to${n}`] = other
    // Without a bound it is walked for minutes, far over the time of a test.
    expect(copy(event({ graph: nodes[0], role: 'lead' }), 32_000).properties).toEqual({ role: 'lead' })
  })

  test('a key named __proto__ is a key', () => {
    const said = JSON.parse('{"a":{"__proto__":{"b":1},"c":2},"__proto__":null}')
    expect(json(said)).toBe(JSON.stringify(said))
  })

  test('without a limit plain JSON means the same as the native one', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        expect(json(value)).toBe(JSON.stringify(value))
      }),
    )
  })
})

type Patched = { toJSON?: unknown }
const prototypes: [name: string, prototype: Patched][] = [
  ['Array', Array.prototype as Patched],
  ['String', String.prototype as Patched],
  ['Object', Object.prototype as Patched],
  ['Number', Number.prototype as Patched],
]

describe('libraries of old', () => {
  const nativeOfDate = Date.prototype.toJSON
  afterEach(() => {
    for (const [, prototype] of prototypes) delete prototype.toJSON
    Date.prototype.toJSON = nativeOfDate
  })

  test.each(prototypes)('a toJSON on %s.prototype is not asked', (_name, prototype) => {
    const value = { batch: [{ tags: ['a', { b: 1 }], at: new Date(0) }] }
    const said = json(value)
    Object.defineProperty(prototype, 'toJSON', {
      configurable: true,
      value() {
        return `"${String(this)}"`
      },
    })
    expect(json(value)).toBe(said)
  })

  test('nor is that on Date.prototype', () => {
    Date.prototype.toJSON = () => '"local"'
    expect(json({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}')
  })
})
