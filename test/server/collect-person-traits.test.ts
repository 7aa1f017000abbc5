import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Person, TrackedEvent } from '../../server/domain/model.ts'
import { areTraitsSound, patchOf, permittedTraits } from '../../server/features/collect/person-traits.ts'

const nobody: Person = {
  email: null,
  name: null,
  locale: null,
  timeZone: null,
  traits: {},
  company: null,
  plan: null,
  consent: { mail: null, tracking: null },
}
const identify = (traits: Record<string, unknown>): TrackedEvent => ({
  messageId: 'm',
  type: 'identify',
  name: 'identify',
  at: 1,
  receivedAt: 1,
  verified: false,
  properties: {},
  traits,
})
const said = {
  email: 'Ann@Example.com',
  name: ' Ann\nB. ',
  locale: 'de-DE',
  timezone: 'Europe/Berlin',
  company: { name: 'Acme' },
  plan: 'pro',
  trial: { startsAt: '2026-01-01T00:00:00Z', endsAt: null },
  role: 'admin',
}
const patch = (...[traits, voucher, claims]: Parameters<typeof permittedTraits>) =>
  patchOf(identify(permittedTraits(traits, voucher, claims)), nobody)

describe('what an identify call may say', () => {
  it('is everything for the team’s own server', () => {
    expect(patch(said, 'secret', null)).toEqual({
      email: 'ann@example.com',
      name: 'Ann B.',
      locale: 'de-DE',
      timeZone: 'Europe/Berlin',
      company: 'Acme',
      plan: 'pro',
      trial: { startsAt: Date.UTC(2026, 0, 1), endsAt: null },
      traits: { role: 'admin' },
    })
  })
  it('is language, zone and free traits for an unverified browser', () => {
    expect(patch(said, 'none', null)).toEqual({
      locale: 'de-DE',
      timeZone: 'Europe/Berlin',
      traits: { role: 'admin' },
    })
  })
  it('is never mail, money or dates beside a signature, only within it', () => {
    expect(patch(said, 'signed', {})).not.toHaveProperty('email')
    expect(patch(said, 'signed', {})).not.toHaveProperty('trial')
    expect(patch(said, 'signed', {})).not.toHaveProperty('plan')
    expect(
      patch(said, 'signed', { email: 'real@example.com', trialEndsAt: '2026-02-01T00:00:00Z' }),
    ).toMatchObject({
      email: 'real@example.com',
      name: 'Ann B.',
      trial: { endsAt: Date.UTC(2026, 1, 1) },
    })
  })
  it('never lets an unverified browser reach mail, money or dates, whatever it sends', () => {
    const key = fc.constantFrom(
      ...Object.keys(said),
      'trialEndsAt',
      'trialStartsAt',
      'constructor',
      'toString',
      'x',
    )
    fc.assert(
      fc.property(
        fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(said)))),
        (traits) => {
          for (const kept of ['email', 'name', 'company', 'plan', 'trial'])
            expect(patch(traits, 'none', null) ?? {}).not.toHaveProperty(kept)
        },
      ),
    )
  })
  it('clears with null, keeps with absence, and takes no zone or language that is none', () => {
    expect(patch({ email: null, name: null, plan: null, locale: null }, 'secret', null)).toEqual({
      email: null,
      name: null,
      plan: null,
      locale: null,
    })
    expect(
      patch({ timezone: '+02:00', locale: 'not a locale!', name: 7, company: ['x'] }, 'secret', null),
    ).toBeNull()
  })
  it('lets the browser’s own zone fill a gap, not replace what was said', () => {
    const event = identify({ browser_time_zone: 'Asia/Tokyo', browser_locale: 'ja' })
    expect(patchOf(event, nobody)).toEqual({ timeZone: 'Asia/Tokyo', locale: 'ja' })
    expect(patchOf(event, { ...nobody, timeZone: 'Europe/Berlin', locale: 'de' })).toBeNull()
  })
  it.each([
    { email: 'a@b.co, c@d.co' },
    { email: 7 },
    { trialEndsAt: 'soon' },
    { trialEndsAt: '2026-02-01' },
    { trial: { startsAt: 1 } },
  ])('must be exact where it matters: %j', (traits) => {
    expect(areTraitsSound(traits)).toBe(false)
  })
  it.each([{}, said, { email: '' }, { email: null, trialEndsAt: null }, { trial: 'gold' }])(
    'may be %j',
    (traits) => {
      expect(areTraitsSound(traits)).toBe(true)
    },
  )
})
