import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  inForce,
  type Suppressed,
  softBounceReleaseMs,
  strongerOf,
} from '../../../../server/domain/trial/suppression.ts'
import { dayMs } from '../../../../shared/clock.ts'
import { suppressionReasons } from '../../../../shared/trial.ts'
import { compiled, live } from '../../../support/life.ts'
import '../../../support/property-seed.ts'

const start = Date.UTC(2026, 2, 4)
const reason = fc.constantFrom(...suppressionReasons)

describe('a suppression', () => {
  it('for soft bounces ends after 30 days, and so does what it kept back', () => {
    const life = live(compiled(), start)
    for (const day of [0, 5, 10]) life.do({ type: 'softBounce', key: null, at: start + day * dayMs })
    const { suppressed } = life.trial.contact
    expect(suppressed?.reason).toBe('soft_bounces')
    const ends = (suppressed?.at ?? 0) + softBounceReleaseMs
    expect(inForce(suppressed, ends - 1)).toBe(suppressed)
    expect(inForce(suppressed, ends)).toBeNull()
  })

  it('for soft bounces comes again when the mailbox goes on refusing after its release', () => {
    const life = live(compiled(), start)
    for (const day of [0, 5, 10]) life.do({ type: 'softBounce', key: null, at: start + day * dayMs })
    const later = start + 60 * dayMs
    for (const day of [0, 1, 2]) life.do({ type: 'softBounce', key: null, at: later + day * dayMs })
    expect(life.trial.contact.suppressed).toEqual({ reason: 'soft_bounces', at: later + 2 * dayMs })
  })

  it('for any other reason never ends by itself', () => {
    fc.assert(
      fc.property(reason, fc.nat(), (why, later) => {
        fc.pre(why !== 'soft_bounces')
        const suppressed = { reason: why, at: start }
        expect(inForce(suppressed, start + later * dayMs)).toBe(suppressed)
      }),
    )
  })

  it('a complaint is never covered up by a weaker reason, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(reason, { minLength: 1, maxLength: 6 }), (reasons) => {
        const now = start
        const all = reasons.map((why): Suppressed => ({ reason: why, at: now }))
        const held = all.reduce<Suppressed | null>((before, next) => strongerOf(before, next, now), null)
        const backwards = all.reduceRight<Suppressed | null>(
          (before, next) => strongerOf(before, next, now),
          null,
        )
        expect(held?.reason).toBe(backwards?.reason)
        if (reasons.includes('complaint')) expect(held?.reason).toBe('complaint')
      }),
    )
  })

  it('told twice keeps its first moment', () => {
    const first: Suppressed = { reason: 'manual', at: start }
    expect(strongerOf(first, { reason: 'manual', at: start + dayMs }, start + dayMs)).toBe(first)
  })
})
