import { describe, expect, it } from 'vitest'
import { createDestinationBackoff } from '../../../../server/features/messages/destination-backoff.ts'
import { subjectVariant } from '../../../../server/features/messages/write-mail.ts'
import { minuteMs } from '../../../../shared/clock.ts'

const slowDown = { code: 421, text: '421 4.7.0 too many connections' }

describe('back-off by destination', () => {
  it('doubles while the trouble lasts and ends with the first accepted email', () => {
    const backoff = createDestinationBackoff()
    let now = 0
    for (const minutes of [1, 2, 4, 8, 16, 30, 30]) {
      backoff.note('a@busy.example', slowDown, now)
      expect(backoff.until('b@busy.example', now)).toBe(now + minutes * minuteMs)
      now += minutes * minuteMs
      expect(backoff.until('b@busy.example', now)).toBeNull()
    }
    backoff.note('a@busy.example', 'accepted', now)
    backoff.note('a@busy.example', slowDown, now)
    expect(backoff.until('a@busy.example', now)).toBe(now + minuteMs)
  })

  it('counts emails that were under way together once', () => {
    const backoff = createDestinationBackoff()
    for (let mails = 0; mails < 5; mails++) backoff.note('a@busy.example', slowDown, 0)
    expect(backoff.until('a@busy.example', 0)).toBe(minuteMs)
  })

  it.each([
    [{ code: 450, text: '450 4.2.0 greylisted' }],
    [{ code: 550, text: '550 5.7.1 blocked' }],
    [{ code: null, text: 'connection lost' }],
  ])('leaves a domain alone that refused one email only: %j', (answer) => {
    const backoff = createDestinationBackoff()
    backoff.note('a@fine.example', answer, 0)
    expect(backoff.until('a@fine.example', 0)).toBeNull()
  })
})

describe('subject variants', () => {
  it('are the same for the same email and spread evenly', () => {
    const subjects = ['one', 'two', 'three']
    const counts = [0, 0, 0]
    for (let mail = 0; mail < 3000; mail++) {
      const variant = subjectVariant(`token-${mail}`, subjects)
      expect(subjectVariant(`token-${mail}`, subjects)).toBe(variant)
      counts[variant]!++
    }
    for (const count of counts) expect(count).toBeGreaterThan(850)
    expect(subjectVariant('token', [])).toBe(0)
  })
})
