import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideNudges, localRules, trialSnapshot } from '../../../../server/domain/nudges/plan.ts'
import { localeOf } from '../../../../server/features/collect/locale-names.ts'
import { dayMs, hourMs } from '../../../../shared/clock.ts'
import { collectAnswerSchema } from '../../../../shared/collect.ts'
import type { PlaybookInput } from '../../../../shared/playbook.ts'
import { address, api, compiled, event, type Life, live } from '../../../support/life.ts'

const playbook = compiled()
/** Saturday: no email leaves, so none keeps a nudge away. */
const start = Date.UTC(2026, 2, 7, 9)

function activated(book = playbook): Life {
  const life = live(book, start)
  const names = ['Board Created', 'Teammate Invited', ...Array<string>(3).fill('Card Completed')]
  life.do({ type: 'track', events: names.map((name) => event(name, start)) })
  return life
}

const decide = (life: Life, more: { locale?: string; page?: string } = {}, book = playbook) => {
  const cause = event('Card Completed', life.now)
  return decideNudges(life.trial, book, { causes: [cause], locale: null, page: null, ...more }, life.now)
}
const ids = (life: Life) => decide(life).map(({ id }) => id)
const report = (life: Life, what: 'shown' | 'dismissed' | 'snoozed', nudgeId = 'upgrade-after-value') =>
  life.do({ type: 'nudge', nudgeId, what, at: life.now })

describe('nudges the server decides', () => {
  it('come with the numbers of the person and the event that earned them', () => {
    const [nudge] = decide(activated())
    expect(nudge).toMatchObject({
      id: 'upgrade-after-value',
      format: 'slideout',
      body: expect.stringContaining('**3 cards done**'),
      action: { url: 'https://board.example.com/upgrade' },
      cause: expect.stringMatching(/^event-/),
      snoozeMs: dayMs,
    })
  })

  it('are not shown when a number they name is missing', () => {
    const nudges = playbook.playbook.nudges.map((rule) =>
      rule.id === 'upgrade-after-value'
        ? { ...rule, content: { ...rule.content, body: '{{nothing}} done' } }
        : rule,
    )
    expect(decide(activated(), {}, compiled({ nudges }))).toEqual([])
  })

  it('rest after a snooze, and are silent after the second dismissal', () => {
    const life = activated()
    report(life, 'snoozed')
    expect(ids(life)).toEqual([])
    life.now += dayMs
    expect(ids(life)).toEqual(['upgrade-after-value'])
    report(life, 'dismissed')
    life.now += 2 * dayMs
    expect(ids(life)).toEqual(['upgrade-after-value'])
    report(life, 'dismissed')
    life.now += 30 * dayMs
    expect(ids(life)).toEqual([])
  })

  it('keep to the caps of nudge, day and week', () => {
    const life = activated()
    for (let n = 0; n < 3; n++) {
      expect(ids(life)).toHaveLength(1)
      life.now += hourMs
      report(life, 'shown')
    }
    expect(ids(life)).toEqual([])
  })

  it('end with the conversion', () => {
    const life = activated()
    life.do({ type: 'convert', plan: null, at: life.now, by: api })
    expect(ids(life)).toEqual([])
    expect(localRules(playbook, life.trial).rules).toEqual([])
  })

  it('do not ask for money within hours of a trial email', () => {
    const life = activated()
    life.do({ type: 'describe', patch: { email: address('ann@example.com') }, by: api })
    life.until(Date.UTC(2026, 2, 9, 9))
    expect(life.sent.at(-1)?.message.kind).toBe('upgrade_now')
    expect(ids(life)).toEqual([])
    life.now += 4 * hourMs
    expect(ids(life)).toEqual(['upgrade-after-value'])
  })

  it('are marked for the control group, so that it is counted too', () => {
    const nudges = playbook.playbook.nudges.map((rule) => ({ ...rule, holdoutShare: 0.5 }))
    const book = compiled({ nudges })
    const shown = Array.from({ length: 200 }, (_, n) => {
      const life = activated(book)
      life.trial = { ...life.trial, userId: `user-${n}` }
      return decide(life, {}, book).filter(({ heldOut }) => !heldOut).length
    }).reduce((sum, n) => sum + n, 0)
    expect(shown).toBeGreaterThan(70)
    expect(shown).toBeLessThan(130)
  })

  it('speak the language of the page when there is a translation, and know its direction', () => {
    const nudges = playbook.playbook.nudges.map((rule) => ({
      ...rule,
      translations: { ar: { title: 'عنوان', body: '{{cardsDone}}' } },
    }))
    const [nudge] = decide(activated(), { locale: 'ar-EG' }, compiled({ nudges }))
    expect(nudge).toMatchObject({ title: 'عنوان', locale: 'ar-EG', dir: 'rtl' })
    expect(decide(activated(), { locale: 'de' })[0]).toMatchObject({ locale: 'en', dir: 'ltr' })
  })

  it.each([
    ['de_DE', 'de', 'de-DE'],
    ['de_DE.UTF-8', 'DE', 'de-DE'],
    ['pt_BR', 'pt_BR', 'pt-BR'],
    ['pt_BR', 'pt-BR', 'pt-BR'],
    ['PT', 'pt', 'pt'],
  ])('come translated to a page that says %s when the team wrote %s', (said, written, locale) => {
    const nudges = playbook.playbook.nudges.map((rule) => ({
      ...rule,
      translations: { [written]: { title: 'Titel', body: '{{cardsDone}}' } },
    }))
    const [nudge] = decide(activated(), { locale: localeOf(said) as string }, compiled({ nudges }))
    expect(nudge).toMatchObject({ title: 'Titel', body: '3', locale })
  })
})

describe('what the browser gets', () => {
  it('is what the collect contract says', () => {
    const life = activated()
    const answer = {
      success: true,
      now: life.now,
      accepted: 1,
      duplicates: 0,
      rejected: [],
      trial: trialSnapshot(life.trial, playbook, life.now),
      nudges: decide(life),
      rules: localRules(playbook, life.trial),
    }
    const parsed = collectAnswerSchema.parse(answer)
    expect(parsed.trial).toMatchObject({ segment: 'activated', values: { cardsDone: 3 } })
    expect(parsed.trial?.milestones[2]).toMatchObject({ count: 3, threshold: 3, reached: true })
  })

  it('holds the wall on the paid feature, decided on the spot, and an etag that follows its content', () => {
    const life = activated()
    const rules = localRules(playbook, life.trial)
    expect(rules.rules.map(({ nudge }) => nudge.id)).toEqual(['automation-wall', 'days-left'])
    expect(rules.urgent).toContain('Automation Attempted')
    expect(localRules(playbook, life.trial).etag).toBe(rules.etag)
    report(life, 'dismissed', 'days-left')
    report(life, 'dismissed', 'days-left')
    const fewer = localRules(playbook, life.trial)
    expect(fewer.rules).toHaveLength(1)
    expect(fewer.etag).not.toBe(rules.etag)
  })

  it('is made once for all to whom the same applies, and for no one else', () => {
    const nudges: PlaybookInput['nudges'] = [
      {
        id: 'numbers',
        format: 'slideout',
        decide: 'local',
        when: {
          any: [{ score: { atLeast: 50 } }, { event: { name: 'Board Created' } }],
          not: { pace: ['stalled'] },
        },
        content: { title: '{{product}}', body: '{{cardsDone}} done' },
        translations: { de: { body: '{{cardsDone}} von {{boards}} fertig' } },
        meter: { event: 'Board Created', limit: 5, unit: 'boards' },
      },
      { id: 'plain', format: 'banner', decide: 'local', content: { title: 'Hello' }, maxShows: 2 },
    ]
    const shared = compiled({ nudges })
    const step = fc.constantFrom<(life: Life) => void>(
      (life) => life.do({ type: 'track', events: [event('Card Completed', life.now)] }),
      (life) => life.do({ type: 'track', events: [event('Board Created', life.now)] }),
      (life) => report(life, 'shown', 'plain'),
      (life) => report(life, 'dismissed', 'numbers'),
      (life) => life.do({ type: 'describe', patch: { locale: 'de-AT' }, by: api }),
      (life) => life.do({ type: 'convert', plan: null, at: life.now, by: api }),
      (life) => life.until(life.now + 4 * dayMs),
    )
    const seen = new Map<string, unknown>()
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const life = live(shared, start)
        for (const take of steps) {
          take(life)
          const rules = localRules(shared, life.trial)
          // A playbook of its own remembers nothing of anyone else.
          expect(rules).toEqual(localRules(compiled({ nudges }), life.trial))
          expect(seen.get(rules.etag) ?? rules).toEqual(rules)
          seen.set(rules.etag, rules)
        }
      }),
      { numRuns: 150 },
    )
    expect(seen.size).toBeGreaterThan(10)
  })
})
