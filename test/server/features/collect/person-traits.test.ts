import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  faultyTraits,
  hintsOf,
  patchOf,
  permittedTraits,
  withBrowserHints,
  without,
} from '../../../../server/features/collect/person-traits.ts'

const said = {
  email: 'Ann@Example.com',
  name: 'Ann',
  locale: 'de-DE',
  timezone: 'Europe/Berlin',
  company: { name: 'Acme' },
  plan: 'pro',
  trialEndsAt: null,
  trial: { startsAt: '2026-01-01T00:00:00Z', endsAt: '2026-01-15T00:00:00Z' },
  role: 'admin',
}

describe('what an identify call may say', () => {
  it('is everything for the team’s own server', () => {
    const { trialEndsAt: _, trial: __, ...rest } = said
    expect(permittedTraits(said, 'secret', null)).toEqual({
      ...rest,
      trial: { startsAt: '2026-01-01T00:00:00Z', endsAt: null },
    })
  })
  it('is free traits for an unverified browser', () => {
    expect(permittedTraits(said, 'none', null)).toEqual({ role: 'admin' })
    expect(permittedTraits(said, 'none', { email: 'a@b.co' })).toEqual({ role: 'admin' })
  })
  it('is never email, money or dates beside a signature, only within it', () => {
    const beside = permittedTraits(said, 'signed', {})
    expect(Object.keys(beside).sort()).toEqual(['company', 'locale', 'name', 'role', 'timezone'])
    const claims = {
      email: 'real@example.com',
      trialEndsAt: '2026-02-01T00:00:00Z',
      role: 'not a claim of ours',
    }
    expect(permittedTraits(said, 'signed', claims)).toEqual({
      ...beside,
      email: 'real@example.com',
      trial: { endsAt: '2026-02-01T00:00:00Z' },
    })
  })
  it('never reaches email, money or dates from an unverified browser, and changes no argument', () => {
    const key = fc.constantFrom(...Object.keys(said), 'trialStartsAt', 'constructor', 'toString', 'x')
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(...Object.values(said)))
    fc.assert(
      fc.property(fc.dictionary(key, value), (traits) => {
        const frozen = Object.freeze({ ...traits })
        const left = permittedTraits(frozen, 'none', null)
        for (const name of ['email', 'name', 'company', 'plan', 'trial', 'trialStartsAt', 'trialEndsAt'])
          expect(left).not.toHaveProperty([name])
        expect(Object.keys(patchOf(left) ?? { traits: {} })).toEqual(['traits'])
        patchOf(permittedTraits(frozen, 'secret', null))
        faultyTraits(permittedTraits(frozen, 'secret', null))
      }),
    )
  })
  it.each([
    [{}, undefined],
    [{ trial: 'gold' }, undefined],
    [{ trialEndsAt: '' }, undefined],
    [{ trialEndsAt: null }, { endsAt: null }],
    [{ trial: { endsAt: '2026-01-15T00:00:00Z' } }, { endsAt: Date.UTC(2026, 0, 15) }],
    [{ trialStartsAt: '2026-01-01T00:00:00Z' }, { startsAt: Date.UTC(2026, 0, 1) }],
  ])('dates the trial: %j gives %j', (traits, dates) => {
    expect(patchOf(permittedTraits(traits, 'secret', null))?.trial).toEqual(dates)
  })
  it.each([
    { email: 'a@b.co, c@d.co' },
    { email: 7 },
    { trialEndsAt: 'soon' },
    { trialEndsAt: '2026-02-01' },
    { trial: { startsAt: 1 } },
    { role: 'x'.repeat(5000) },
    { list: Array(2000).fill(7) },
    { ['x'.repeat(201)]: 1 },
  ])('must be exact where it matters, and short: %j', (traits) => {
    const permitted = { ...permittedTraits(traits, 'secret', null), sound: 1 }
    const faulty = faultyTraits(permitted)
    expect(faulty).toHaveLength(1)
    expect(without(permitted, faulty)).toEqual({ sound: 1 })
  })
  it.each([{}, said, { email: '' }, { email: null, trialEndsAt: null }, { trial: 'gold' }])(
    'may be %j',
    (traits) => {
      expect(faultyTraits(permittedTraits(traits, 'secret', null))).toEqual([])
    },
  )
  it('becomes a patch: null clears, absence keeps, what is of no use is left out', () => {
    expect(patchOf({ ...said, name: ' Ann\nB. ', trial: {} })).toEqual({
      email: 'ann@example.com',
      name: 'Ann B.',
      locale: 'de-DE',
      timeZone: 'Europe/Berlin',
      company: 'Acme',
      plan: 'pro',
      traits: { role: 'admin' },
    })
    const cleared = { email: null, name: null, plan: null, locale: null }
    expect(patchOf(cleared)).toEqual(cleared)
    expect(
      patchOf({ timezone: 'Mars/Base', locale: 'not a tag!', name: 7, company: ['x'], email: '' }),
    ).toBeNull()
  })
  it('is joined by language and zone of the browser, the closest word first', () => {
    const hinted = withBrowserHints({}, { locale: 'de' }, { locale: 'en', timezone: 'Asia/Tokyo' }, 'fr')
    expect(hintsOf(hinted)).toEqual({ locale: 'de', timeZone: 'Asia/Tokyo' })
    expect(hintsOf(withBrowserHints({}, {}, { timezone: 7 }, 'fr'))).toEqual({ locale: 'fr' })
    expect(withBrowserHints({ a: 1 }, {}, null, null)).toEqual({ a: 1 })
    expect(hintsOf(permittedTraits({ browser: { locale: 'de' } }, 'none', null))).toBeNull()
  })
})
