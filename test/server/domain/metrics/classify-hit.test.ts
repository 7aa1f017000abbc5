import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  classifyHits,
  type Hit,
  type HitContext,
  networkOf,
} from '../../../../server/domain/metrics/classify-hit.ts'
import { minuteMs } from '../../../../shared/clock.ts'

interface KnownAgent {
  readonly agent: string
  readonly actor: string
}

const agents = JSON.parse(
  readFileSync(new URL('../../../cases/user-agents.json', import.meta.url), 'utf8'),
) as Record<'opens' | 'clicks', KnownAgent[]>

const acceptedAt = Date.UTC(2026, 8, 1, 12)
const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
const gmail = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'
const alone: HitContext = { acceptedAt, links: 4, otherMails: 0 }

let count = 0
const hit = (patch: Partial<Hit> = {}): Hit => ({
  id: `hit-${count++}`,
  type: 'click',
  at: acceptedAt + 10 * minuteMs,
  method: 'GET',
  userAgent: chrome,
  network: '203.0.113.0/24',
  link: patch.type === 'open' ? null : 0,
  verifiedAt: null,
  ...patch,
})

const verdictsOf = (hits: readonly Hit[], context = alone) => {
  const verdicts = classifyHits(hits, () => context)
  return hits.map(({ id }) => {
    const verdict = verdicts.get(id)
    if (!verdict) throw new Error('a hit without verdict')
    return verdict
  })
}
const actorsOf = (hits: readonly Hit[], context = alone) =>
  verdictsOf(hits, context).map(({ actor }) => actor)

describe('known programs', () => {
  it.each(agents.opens.map((each) => [each.agent, each] as const))(
    'open: %s',
    (userAgent, { agent: _, ...expected }) => {
      expect(verdictsOf([hit({ type: 'open', userAgent })])[0]).toMatchObject(expected)
    },
  )
  it.each(agents.clicks.map((each) => [each.agent, each] as const))(
    'click: %s',
    (userAgent, { agent: _, ...expected }) => {
      expect(verdictsOf([hit({ userAgent })])[0]).toMatchObject(expected)
    },
  )
})

describe('what is too quick for a person', () => {
  it.each([
    ['open', chrome, 1999, 'machine'],
    ['open', chrome, 2000, 'human'],
    ['open', gmail, 4999, 'machine'],
    ['open', gmail, 5000, 'human'],
    ['click', chrome, 4999, 'machine'],
    ['click', chrome, 5000, 'human'],
    ['click', chrome, -1, 'machine'],
  ] as const)('%s %s ms after delivery', (type, userAgent, after, actor) => {
    expect(actorsOf([hit({ type, userAgent, at: acceptedAt + after })])).toEqual([actor])
  })

  it('cannot be told while the delivery time is unknown', () => {
    expect(actorsOf([hit()], { ...alone, acceptedAt: null })).toEqual(['human'])
  })
})

describe('many at once', () => {
  const at = acceptedAt + 10 * minuteMs
  it('three links in three seconds are a scanner, all of them', () => {
    expect(actorsOf([0, 1, 2].map((link) => hit({ link, at: at + link * 900 })))).toEqual([
      'machine',
      'machine',
      'machine',
    ])
  })
  it('two links of four are a person who tried twice', () => {
    expect(actorsOf([0, 1].map((link) => hit({ link, at: at + link * 900 })))).toEqual(['human', 'human'])
  })
  it('every link of the email is a scanner, even when there are but two', () => {
    expect(
      actorsOf(
        [0, 1].map((link) => hit({ link, at })),
        { ...alone, links: 2 },
      ),
    ).toEqual(['machine', 'machine'])
  })
  it('one network in three people’s emails is a gateway', () => {
    expect(actorsOf([hit()], { ...alone, otherMails: 2 })).toEqual(['machine'])
    expect(actorsOf([hit()], { ...alone, otherMails: 1 })).toEqual(['human'])
  })
  it('the browser snippet’s word counts more than speed, burst and network', () => {
    const hits = [0, 1, 2].map((link) =>
      hit({ link, at: acceptedAt + 100, verifiedAt: link === 1 ? at : null }),
    )
    expect(actorsOf(hits, { ...alone, otherMails: 5 })).toEqual(['machine', 'human', 'machine'])
  })
  it('loads of the pixel within a second count once', () => {
    const hits = [0, 200, 900, 1500].map((after) => hit({ type: 'open', at: at + after }))
    expect(verdictsOf(hits).map(({ collapsed }) => collapsed)).toEqual([false, true, true, false])
  })
})

describe('a scanner that walks an email with a single link', () => {
  const at = acceptedAt + 30_000
  const page = (name: string, patch: Partial<Hit> = {}) =>
    hit({ type: 'visit', link: null, page: name, at, ...patch })
  const one = { ...alone, links: 1 }

  it('gives itself away by the pages behind the links of every email', () => {
    expect(actorsOf([hit({ at }), page('u'), page('v', { at: at + 2000 })], one)).toEqual([
      'machine',
      'machine',
      'machine',
    ])
  })
  it('is not taken for the person who follows the link and looks at one page', () => {
    expect(actorsOf([hit({ at }), page('x', { at: at + 1000 })], one)).toEqual(['human', 'human'])
  })
  it('is known by its HEAD, also where it follows by GET', () => {
    const hits = [hit({ method: 'HEAD', at }), hit({ at: at + minuteMs })]
    expect(actorsOf(hits, one)).toEqual(['machine', 'machine'])
  })
  it('fetches the picture too, before and after; no one else’s program does', () => {
    const walk = [hit({ at }), page('u'), page('v')]
    const open = (patch: Partial<Hit>) => hit({ type: 'open', at, ...patch })
    const opens = [
      open({ at: at - 5000 }),
      open({ at: at + 5 * minuteMs }),
      open({ network: '198.51.100.0/24' }),
      open({ userAgent: gmail }),
      open({ at: at + 11 * minuteMs }),
    ]
    expect(actorsOf([...walk, ...opens], one).slice(3)).toEqual([
      'machine',
      'machine',
      'human',
      'human',
      'human',
    ])
  })
  it('is no person who was too quick once: the next click of such a person counts', () => {
    const hits = [hit({ at: acceptedAt + 3000 }), hit({ at: acceptedAt + minuteMs })]
    expect(actorsOf(hits, one)).toEqual(['machine', 'human'])
  })
  it('does not bring down a click that was seen to arrive', () => {
    const arrived = hit({ at: at + minuteMs, verifiedAt: at + minuteMs + 2000 })
    expect(actorsOf([hit({ at }), page('u'), page('v'), arrived], one)[3]).toBe('human')
  })
})

it('before the email is accepted no one can have read it', () => {
  const before = { ...alone, acceptedAt: Number.POSITIVE_INFINITY }
  const yahoo = 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html'
  expect(actorsOf([hit(), hit({ type: 'open' }), hit({ type: 'open', userAgent: yahoo })], before)).toEqual([
    'machine',
    'machine',
    'machine',
  ])
})

it('gives each hit one verdict with a reason, whatever their order', () => {
  const anyHit = fc.record({
    type: fc.constantFrom('open' as const, 'click' as const),
    at: fc.integer({ min: acceptedAt - 5000, max: acceptedAt + 60_000 }),
    method: fc.constantFrom('GET', 'HEAD', 'POST'),
    userAgent: fc.oneof(fc.constantFrom(chrome, gmail, 'Mozilla/5.0', ''), fc.string({ maxLength: 300 })),
    link: fc.integer({ min: 0, max: 5 }),
  })
  fc.assert(
    fc.property(fc.array(anyHit, { maxLength: 12 }), fc.integer({ min: 0, max: 5 }), (raw, otherMails) => {
      const hits = raw.map((each) => hit({ ...each, link: each.type === 'open' ? null : each.link }))
      const context = { ...alone, otherMails }
      const forwards = classifyHits(hits, () => context)
      const backwards = classifyHits([...hits].reverse(), () => context)
      expect(forwards.size).toBe(hits.length)
      for (const { id, method } of hits) {
        expect(forwards.get(id)?.reasons.length).toBeGreaterThan(0)
        expect(backwards.get(id)).toEqual(forwards.get(id))
        if (method !== 'GET') expect(forwards.get(id)?.actor).toBe('machine')
      }
    }),
    { numRuns: 300 },
  )
})

it.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3::/48'],
  ['2001:db8::1', '2001:db8:0::/48'],
  ['::1', '0:0:0::/48'],
  ['', 'unknown'],
])('keeps of the address %s only %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
