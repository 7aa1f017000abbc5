import fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { planMessages } from '../../../../server/domain/messages/plan.ts'
import type { CompiledRule } from '../../../../server/domain/playbook/compile.ts'
import { reduce } from '../../../../server/domain/reducer/reduce.ts'
import { statusAt, zoneOf } from '../../../../server/domain/trial/clock.ts'
import { dayMs } from '../../../../shared/clock.ts'
import { type History, history, play } from '../../../support/history.ts'
import { compiled, dana, type Life, live, type MailServer, type Sent } from '../../../support/life.ts'
import { wallClock } from '../../../support/wall-clock.ts'

const playbook = compiled()
const ruleOf = ({ message }: Sent) => playbook.ruleById.get(message.ruleId) as CompiledRule
/** Lives per property in the default run; the full suite raises it. */
const runs = Number(process.env.TRIALPACE_PROPERTY_RUNS ?? 250)
/** Lives that all properties of what was sent look at. */
const sharedRuns = Math.ceil(1.6 * runs)

vi.setConfig({ testTimeout: 120_000 + 100 * runs })

const answers = fc.array(
  fc.constantFrom('sent', 'sent', 'sent', 'deferred', 'failed', 'unknown', 'crash' as const),
  { minLength: 1, maxLength: 8 },
)
const serverOf =
  (list: readonly string[]): MailServer =>
  (n) =>
    (list[n % list.length] ?? 'sent') as ReturnType<MailServer>

/** Playing is what takes the time, so the properties of what was sent look at the same lives: one seed, played once. */
const seed = fc.readConfigureGlobal().seed ?? Math.floor(Math.random() * 2 ** 31)
const played = new Map<string, Life>()

function playedOut(past: History, list: readonly string[]): Life {
  const key = JSON.stringify([past, list])
  let life = played.get(key)
  if (!life) {
    life = live(playbook, past.startsAt, { server: serverOf(list) })
    play(life, past)
    life.until(life.now + 60 * dayMs)
    played.set(key, life)
  }
  return life
}

const holdsInLives = (holds: (life: Life) => void): void =>
  fc.assert(
    fc.property(history(), answers, (past, list) => holds(playedOut(past, list))),
    { numRuns: sharedRuns, seed },
  )

afterAll(() => played.clear())

describe('a life of a trialist, whatever happens', () => {
  it('gets no email in quiet hours or on a wrong weekday of the recipient', () => {
    holdsInLives((life) => {
      for (const sent of life.sent) {
        const window = ruleOf(sent).sendWindow
        if (!window) continue
        const { weekday, minutes } = wallClock(sent.at, zoneOf(sent.trial, playbook))
        expect(window.weekdays.has(weekday)).toBe(true)
        expect(minutes * 60_000).toBeGreaterThanOrEqual(window.fromMs)
        expect(minutes * 60_000).toBeLessThan(window.untilMs)
      }
    })
  })

  it('gets at most one trial email in 24 hours, and onboarding emails keep the same distance to both', () => {
    holdsInLives((life) => {
      const arrived = life.sent.filter(
        ({ message }) => life.trial.outbox.find(({ key }) => key === message.key)?.state !== 'failed',
      )
      arrived.forEach((later, index) => {
        const kind = ruleOf(later).class
        if (kind === 'service') return
        for (const earlier of arrived.slice(0, index)) {
          const before = ruleOf(earlier).class
          if (before === 'trial' || (before === 'onboarding' && kind === 'onboarding'))
            expect(later.at - earlier.at).toBeGreaterThanOrEqual(dayMs)
        }
      })
    })
  })

  it('never emails the converted, the suppressed, those without consent, or twice under one key', () => {
    holdsInLives((life) => {
      for (const { trial, at, message } of life.sent) {
        expect(statusAt(trial.clock, at)).not.toBe('converted')
        expect(trial.contact.suppressed).toBeNull()
        expect(trial.person.consent.mail).not.toBe(false)
        expect(trial.person.email).not.toBeNull()
        expect(at).toBeLessThanOrEqual(message.notAfter)
      }
      expect(new Set(life.sent.map(({ message }) => message.key)).size).toBe(life.sent.length)
    })
  })

  it('tells the end that holds: reminders leave before it, survey and notice after it', () => {
    holdsInLives((life) => {
      for (const sent of life.sent) {
        const { endsAt } = sent.trial.clock
        const { kind, endsAtQuoted } = sent.message
        if (endsAtQuoted !== null) expect(endsAtQuoted).toBe(endsAt)
        if (kind === 'expiring_activated' || kind === 'expiring_passive')
          expect(sent.at).toBeLessThan(endsAt as number)
        if (kind === 'ended_survey' || kind === 'trial_ended')
          expect(sent.at).toBeGreaterThanOrEqual(endsAt as number)
        if (kind === 'expiring_activated' || kind === 'upgrade_now')
          expect(sent.trial.standing.activatedAt).not.toBeNull()
        if (kind === 'expiring_passive') expect(sent.trial.standing.activatedAt).toBeNull()
      }
    })
  })

  it('wakes up no later than anything changes', () => {
    fc.assert(
      fc.property(history(8), answers, fc.double({ min: 0, max: 1, noNaN: true }), (past, list, share) => {
        const life = live(playbook, past.startsAt, {
          server: serverOf(list),
          onWake(trial, from, to) {
            if (to <= from + 1) return
            const between = Math.floor(from + share * (to - from - 1))
            if (trial.nextAt !== null && between >= trial.nextAt) return
            const { trial: after } = reduce(trial, { type: 'advance' }, playbook, between)
            expect(after.outbox).toEqual(trial.outbox)
            expect(after.decisions).toEqual(trial.decisions)
            expect(after.clock).toEqual(trial.clock)
            expect(after.standing.pace).toBe(trial.standing.pace)
            expect(after.standing.segment).toBe(trial.standing.segment)
          },
        })
        play(life, past)
        life.until(life.now + 40 * dayMs)
      }),
      { numRuns: runs },
    )
  })

  it('is decided once: advancing again at the same moment changes nothing', () => {
    fc.assert(
      fc.property(history(), (past) => {
        const life = live(playbook, past.startsAt)
        play(life, past, ({ trial, now }) => {
          const once = reduce(trial, { type: 'advance' }, playbook, now).trial
          expect(reduce(once, { type: 'advance' }, playbook, now).trial).toBe(once)
        })
      }),
      { numRuns: runs },
    )
  })

  it('is never mailed earlier because the trial was extended', () => {
    fc.assert(
      fc.property(history(), fc.integer({ min: 1, max: 30 }), (past, days) => {
        const life = live(playbook, past.startsAt)
        play(life, past)
        const before = planMessages(life.trial, playbook, life.now)
        const extended = reduce(
          life.trial,
          { type: 'extend', id: 'later', days, reason: 'r', note: '', by: { ...dana, kind: 'system' } },
          playbook,
          life.now,
        )
        if (!extended.outcome.ok) return
        const after = planMessages(extended.trial, playbook, life.now)
        for (const mail of before.upcoming) {
          const then = after.upcoming.find(({ ruleId }) => ruleId === mail.ruleId)
          if (then) expect(then.at).toBeGreaterThanOrEqual(mail.at)
        }
      }),
      { numRuns: runs },
    )
  })
})

describe('the control group', () => {
  const held = compiled({ holdout: { share: 0.5, salt: 's' } })

  it('gets no trial email, but every fact it must know', () => {
    fc.assert(
      fc.property(history(), (past) => {
        const life = live(held, past.startsAt)
        play(life, past)
        life.until(life.now + 60 * dayMs)
        const isHeldOut = life.trial.decisions.some(({ outcome }) => outcome === 'held_out')
        if (isHeldOut)
          for (const sent of life.sent)
            expect(held.ruleById.get(sent.message.ruleId)?.class).not.toBe('trial')
      }),
      { numRuns: Math.ceil(runs / 3) },
    )
  })
})
