import { describe, expect, it } from 'vitest'
import { judgeBounce } from '../../../../server/domain/trial/judge-bounce.ts'
import { dayMs } from '../../../../shared/clock.ts'
import { compiled, live } from '../../../support/life.ts'

describe('a bounce', () => {
  it.each([
    ['5.1.1', 550, '', 'hard'],
    ['5.1.2', 550, '', 'hard'],
    ['5.1.10', 556, '', 'hard'],
    ['5.2.1', 550, '', 'hard'],
    ['5.2.2', 552, 'mailbox full', 'soft'],
    ['5.7.1', 550, 'no such user here says the policy', 'hard'],
    ['5.7.26', 550, '', 'policy'],
    ['4.2.2', 452, '', 'soft'],
    ['4.7.1', 451, 'greylisted', 'soft'],
    [null, 550, '550 5.1.1 unknown', 'hard'],
    [null, 550, 'User unknown', 'hard'],
    [null, 550, 'Message looks like spam', 'policy'],
    [null, 421, 'try later', 'soft'],
    [null, 535, 'login failed', 'other'],
    [null, null, '', 'other'],
  ])('%s %s %j is %s', (enhanced, code, text, found) => {
    expect(judgeBounce(enhanced, code, text).class).toBe(found)
  })

  it('for now suppresses at the third within 14 days', () => {
    const start = Date.UTC(2026, 2, 4)
    const bounced = (...days: number[]) => {
      const life = live(compiled(), start)
      for (const day of days) life.do({ type: 'softBounce', key: null, at: start + day * dayMs })
      return life.trial.contact.suppressed?.reason ?? null
    }
    expect(bounced(0, 5)).toBeNull()
    expect(bounced(0, 5, 13)).toBe('soft_bounces')
    expect(bounced(0, 5, 15)).toBeNull()
    expect(bounced(13, 0, 5)).toBe('soft_bounces')
  })
})
