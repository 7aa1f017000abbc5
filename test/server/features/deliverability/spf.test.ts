import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeSpf, type SpfSender } from '../../../../server/features/deliverability/judge-spf.ts'
import type { NeededRecord } from '../../../../server/features/deliverability/record.ts'
import {
  parseSpf,
  permitsAddress,
  type SpfZone,
  spfCost,
} from '../../../../server/features/deliverability/spf.ts'
import type { DnsAnswer } from '../../../../server/ports.ts'
import '../../../support/property-seed.ts'

const zoneOf = (records: Record<string, string | string[] | null>): SpfZone =>
  new Map(
    Object.entries(records).map(([name, text]): [string, DnsAnswer] => [
      name,
      text === null ? { state: 'silent', why: 'ETIMEOUT' } : { state: 'found', values: [text].flat() },
    ]),
  )

const record: NeededRecord = {
  id: 'spf-return',
  purpose: 'SPF: who may send',
  type: 'TXT',
  name: 'bounce.acme.com',
  value: 'v=spf1 include:relay.net ~all',
  required: true,
}
const relay: SpfSender = { mechanism: 'include:relay.net', addresses: [] }
const judge = (records: Record<string, string | string[] | null>, sender = relay, needed = record) =>
  judgeSpf(needed, zoneOf({ 'relay.net': 'v=spf1 ip4:192.0.2.0/24 -all', ...records }), sender)

describe('an SPF record', () => {
  it.each([
    ['v=spf1 include:relay.net ~all', 'ok'],
    ['v=spf1 include:relay.net -all', 'ok'],
    ['v=spf1 redirect=relay.net', 'warning'],
    ['V=SPF1 include:RELAY.net ~ALL', 'ok'],
    ['v=spf1 include:relay.net', 'warning'],
    ['v=spf1 include:relay.net ?all', 'warning'],
    ['v=spf1 include:relay.net +all', 'wrong'],
    ['v=spf1 include:relay.net all', 'wrong'],
    ['v=spf1 ip4:198.51.100.7 ~all', 'warning'],
    ['v=spf1 include:relay.net ip4:300.1.1.1 ~all', 'wrong'],
    ['v=spf1 inlcude:relay.net ~all', 'wrong'],
    ['v=spf1 include:nowhere.net ~all', 'unknown'],
    ['v=spf1 include:relay.net exp=why.acme.com unknown=modifier ~all', 'ok'],
  ])('%s is %s', (text, state) => {
    expect(judge({ 'bounce.acme.com': text }).state).toBe(state)
  })

  it('is wanted exactly once, beside other texts', () => {
    const good = 'v=spf1 include:relay.net ~all'
    expect(judge({ 'bounce.acme.com': ['site-verification=1', good] }).state).toBe('ok')
    expect(judge({ 'bounce.acme.com': [good, good] })).toMatchObject({ state: 'wrong', found: [good, good] })
    expect(judge({ 'bounce.acme.com': ['v=spf10 ~all'] })).toMatchObject({
      state: 'wrong',
      fix: 'Publish bounce.acme.com TXT v=spf1 include:relay.net ~all',
    })
    expect(judge({ 'bounce.acme.com': [] }, relay, { ...record, required: false }).state).toBe('warning')
  })

  it('that does not name the mail server is shown as it should be', () => {
    expect(judge({ 'bounce.acme.com': 'v=spf1 mx -all' }).fix).toBe(
      'Change it to bounce.acme.com TXT v=spf1 include:relay.net mx -all',
    )
  })

  it('whose part is missing or silent is told apart', () => {
    const text = 'v=spf1 include:relay.net include:part.net ~all'
    expect(judge({ 'bounce.acme.com': text, 'part.net': [] }).state).toBe('wrong')
    expect(judge({ 'bounce.acme.com': text, 'part.net': null }).state).toBe('unknown')
    expect(judge({ 'bounce.acme.com': null })).toMatchObject({ state: 'unknown', found: [] })
  })

  it('must let our own mail server’s address through', () => {
    const own = { mechanism: 'a:mail.acme.com', addresses: ['203.0.113.9'] }
    const judged = (text: string) => judge({ 'bounce.acme.com': text }, own).state
    expect(judged('v=spf1 ip4:203.0.113.0/24 ~all')).toBe('ok')
    expect(judged('v=spf1 a:mail.acme.com ~all')).toBe('ok')
    expect(judged('v=spf1 ip4:198.51.100.0/24 ~all')).toBe('warning')
  })

  it('gives numbers to addresses of both families', () => {
    const cost = spfCost(
      'a.com',
      zoneOf({ 'a.com': 'v=spf1 ip6:2001:db8::/32 ip4:192.0.2.1 -ip4:192.0.2.9 -all' }),
    )
    expect(permitsAddress(cost, '2001:db8::7')).toBe(true)
    expect(permitsAddress(cost, '192.0.2.1')).toBe(true)
    expect(permitsAddress(cost, '192.0.2.9')).toBe(false)
  })
})

describe('DNS look-ups of SPF', () => {
  it('are counted through includes and redirects, and not after all (RFC 7208 §4.6.4)', () => {
    const zone = zoneOf({
      'a.com': 'v=spf1 a mx/24 ptr exists:%{i}.x.com ip4:192.0.2.1 include:b.com -all include:never.com',
      'b.com': 'v=spf1 include:c.com redirect=d.com',
      'c.com': 'v=spf1 ip6:2001:db8::1 ~all',
      'd.com': 'v=spf1 a:d.com -all redirect=never.com',
    })
    // a, mx, ptr, exists, include:b; include:c, redirect=d; a:d.com.
    expect(spfCost('a.com', zone)).toMatchObject({ lookups: 8, all: '-', broken: [], silent: [] })
    expect(spfCost('b.com', zone).all).toBe('-')
  })

  it('of a record that includes itself end, and are too many', () => {
    const verdict = judge({ 'bounce.acme.com': 'v=spf1 include:relay.net include:bounce.acme.com ~all' })
    expect(verdict).toMatchObject({ state: 'wrong' })
    expect(verdict.detail).toContain('more than 10')
  })

  it('are ten at most', () => {
    const withAs = (count: number) => `v=spf1 include:relay.net ${'a '.repeat(count)}~all`
    expect(judge({ 'bounce.acme.com': withAs(9) }).state).toBe('ok')
    expect(judge({ 'bounce.acme.com': withAs(10) }).state).toBe('wrong')
  })

  /** A tree of records, and the number of look-ups as a person would add them up. */
  interface Tree {
    readonly plain: number
    readonly free: number
    readonly parts: readonly Tree[]
  }
  const tree = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.record({
      plain: fc.nat({ max: 2 }),
      free: fc.nat({ max: 2 }),
      parts: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 2 })),
    }),
  })).tree

  const sum = ({ plain, parts }: Tree): number =>
    plain + parts.reduce((total, part) => total + 1 + sum(part), 0)

  it('are the sum of all branches, for any tree', () => {
    fc.assert(
      fc.property(tree, (root) => {
        const records: Record<string, string> = {}
        const write = ({ plain, free, parts }: Tree, name: string): void => {
          const terms = [
            ...Array.from({ length: plain }, () => 'a'),
            ...Array.from({ length: free }, () => 'ip4:192.0.2.1'),
            ...parts.map((part, index) => {
              write(part, `p${index}.${name}`)
              return `include:p${index}.${name}`
            }),
          ]
          records[name] = ['v=spf1', ...terms, '~all'].join(' ')
        }
        write(root, 'root.com')
        const { lookups } = spfCost('root.com', zoneOf(records))
        const expected = sum(root)
        if (expected <= 10) expect(lookups).toBe(expected)
        else expect(lookups).toBeGreaterThan(10)
      }),
    )
  })

  it('of any text whatever are counted without a fault', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const cost = spfCost('a.com', zoneOf({ 'a.com': `v=spf1 ${text}` }))
        expect(cost.lookups).toBeLessThan(1000)
        expect(
          parseSpf(`v=spf1 ${text}`).mechanisms.filter(({ name }) => name === 'all').length,
        ).toBeLessThan(2)
        permitsAddress(cost, '192.0.2.1')
      }),
    )
  })
})
