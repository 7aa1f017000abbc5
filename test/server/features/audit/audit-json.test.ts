import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { canonicalJson } from '../../../../server/features/audit/audit-log.ts'
import { faultsOf, jsonDepthExceeds, jsonPointer } from '../../../../server/http/parse-request.ts'
import { truncateIp } from '../../../../server/http/truncate-ip.ts'

test('canonical JSON does not depend on the order of members, and says the same as JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      const reversed = JSON.parse(JSON.stringify(value), (_, member) =>
        typeof member === 'object' && member !== null && !Array.isArray(member)
          ? Object.fromEntries(Object.entries(member).reverse())
          : member,
      )
      expect(canonicalJson(reversed)).toBe(text)
    }),
  )
})

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:1:2::3', '2001:db8:1::/48'],
  ['', null],
])('the address %s is kept as %s', (ip, kept) => expect(truncateIp(ip)).toBe(kept))

test('a pointer escapes as RFC 6901 asks', () => {
  expect(jsonPointer(['a/b', 'c~d', 0])).toBe('/a~1b/c~0d/0')
})

test('each unknown member is a fault of its own', () => {
  const parsed = z.strictObject({ inner: z.strictObject({}) }).safeParse({ inner: { x: 1, y: 2 }, z: 3 })
  expect(
    faultsOf(parsed.error as z.ZodError)
      .map((fault) => fault.pointer)
      .sort(),
  ).toEqual(['/inner/x', '/inner/y', '/z'])
})

test('depth is counted without recursion', () => {
  expect(jsonDepthExceeds(JSON.parse('[[[1]]]'), 3)).toBe(false)
  expect(jsonDepthExceeds(JSON.parse('[[[[1]]]]'), 3)).toBe(true)
  let deep: unknown = 1
  for (let depth = 0; depth < 200_000; depth++) deep = [deep]
  expect(jsonDepthExceeds(deep)).toBe(true)
})
