import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planMessages } from '../../../../server/domain/messages/plan.ts'
import { compilePlaybook } from '../../../../server/domain/playbook/compile.ts'
import { defaultPlaybook } from '../../../../server/domain/playbook/default.ts'
import { bestMoment, leadMs, localHabit, officeHours } from '../../../../server/domain/time/send-time.ts'
import { isOpen, parseWindow } from '../../../../server/domain/time/send-window.ts'
import { dayMs, hourMs } from '../../../../shared/clock.ts'
import type { EmailAddress } from '../../../../shared/trial.ts'
import { buildTrial } from '../../../support/build-trial.ts'

const monday = Date.UTC(2026, 8, 7)
const window = parseWindow({ weekdays: [1, 2, 3, 4, 5], from: '09:00', until: '18:00' })
const only = (hour: number, n: number) => Array.from({ length: 24 }, (_, h) => (h === hour ? n : 0))

describe('the time an email leaves', () => {
  it('is 45 minutes before the hour of most activity', () => {
    const habit = localHabit(only(15, 500), 'UTC', monday)
    const at = bestMoment(monday + 9 * hourMs, { latest: monday + dayMs, window, zone: 'UTC', habit })
    expect(at).toBe(monday + 15 * hourMs - leadMs)
  })

  it('knows the person’s own zone', () => {
    // 06:00 UTC is 15:00 in Seoul.
    const habit = localHabit(only(6, 500), 'Asia/Seoul', monday)
    expect(habit.indexOf(Math.max(...habit))).toBe(15)
  })

  it('follows the cohort while little is known, and the person once there is enough', () => {
    const little = localHabit(only(3, 1), 'UTC', monday)
    const much = localHabit(only(3, 100), 'UTC', monday)
    expect(little.indexOf(Math.max(...little))).toBe(officeHours.indexOf(Math.max(...officeHours)))
    expect(much.indexOf(Math.max(...much))).toBe(3)
  })

  it('is never before the email could go, outside the window or too late to be of use', () => {
    const zone = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
    )
    const hours = fc.array(fc.nat(200), { minLength: 24, maxLength: 24 })
    fc.assert(
      fc.property(zone, hours, fc.nat(400 * 24 * 4), fc.nat(48), (name, utcHours, quarter, room) => {
        const from = monday + quarter * 15 * 60_000
        fc.pre(isOpen(from, window, name))
        const latest = from + room * hourMs
        const habit = localHabit(utcHours, name, from)
        expect(habit.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
        const at = bestMoment(from, { latest, window, zone: name, habit })
        expect(at).toBeGreaterThanOrEqual(from)
        expect(at).toBeLessThanOrEqual(Math.min(latest, from + dayMs))
        expect(isOpen(at, window, name)).toBe(true)
        // Once the moment has come it does not move on: the email goes.
        expect(bestMoment(at, { latest, window, zone: name, habit })).toBe(at)
      }),
      { numRuns: 500 },
    )
  })

  it('moves an email of a rule that asks for it, and no other', () => {
    const planned = (sendTime: 'fixed' | 'personal') => {
      const messages = defaultPlaybook.messages.map((rule) => ({ ...rule, sendTime }))
      const playbook = compilePlaybook({ ...defaultPlaybook, messages }, 1)
      const trial = buildTrial({
        createdAt: monday,
        clock: { endsAt: monday + 5 * dayMs },
        person: { email: 'ann@customer.example' as EmailAddress, timeZone: 'UTC' },
        usage: {
          hours: only(15, 500),
          total: 500,
          lastSeenAt: monday,
          activeDays: [Math.floor(monday / dayMs)],
        },
      })
      return new Map(planMessages(trial, playbook, monday).upcoming.map(({ ruleId, at }) => [ruleId, at]))
    }
    const fixed = planned('fixed')
    const personal = planned('personal')
    const moved = [...personal].filter(([rule, at]) => at !== fixed.get(rule))
    expect(moved.length).toBeGreaterThan(0)
    for (const [rule, at] of moved) {
      expect(at).toBeGreaterThan(fixed.get(rule) as number)
      expect(at % dayMs).toBe(15 * hourMs - leadMs)
      expect(compilePlaybook(defaultPlaybook, 1).ruleById.get(rule)?.class).not.toBe('service')
    }
  })
})
