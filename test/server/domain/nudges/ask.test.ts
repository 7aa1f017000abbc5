import { describe, expect, it } from 'vitest'
import { mailView } from '../../../../server/domain/messages/email-view.ts'
import { decideNudges, localRules } from '../../../../server/domain/nudges/plan.ts'
import { withAskRule } from '../../../../server/domain/playbook/ask-rule.ts'
import { compilePlaybook } from '../../../../server/domain/playbook/compile.ts'
import { reduce } from '../../../../server/domain/reducer/reduce.ts'
import type { Command } from '../../../../server/domain/trial/command.ts'
import type { Trial } from '../../../../server/domain/trial/model.ts'
import { asRecipient } from '../../../../server/domain/trial/recipient.ts'
import { createFold } from '../../../../server/features/collect/fold-events.ts'
import { dayMs, hourMs } from '../../../../shared/clock.ts'
import { workspaceId } from '../../../support/build-trial.ts'
import { companyPlaybook, companyTrial } from '../../../support/companies.ts'
import { address, api, event } from '../../../support/life.ts'

/** Those who cannot buy ask one who can. */

const start = Date.UTC(2026, 2, 2, 9)
const now = start + hourMs
const { playbook: plain } = companyPlaybook(
  {
    nudges: [
      {
        id: 'pitch',
        format: 'slideout',
        when: { status: ['trialing'] },
        content: {
          title: 'Keep it',
          body: 'Choose a plan.',
          action: { label: 'Upgrade', url: '{{upgradeUrl}}' },
        },
        translations: { de: { title: 'Behalten' } },
      },
      {
        id: 'local-pitch',
        format: 'banner',
        decide: 'local',
        content: { title: 'Plans', action: { label: 'Upgrade', url: '{{upgradeUrl}}' } },
      },
    ],
  },
  { buyer: { roles: ['owner'] } },
)
const heard = compilePlaybook(withAskRule(plain), 1)

function team(playbook = heard, roles: Record<string, string> = { bea: 'owner' }): Trial {
  const commands: Command[] = [
    ...['ann', 'bea'].flatMap((userId): Command[] => [
      { type: 'join', userId, at: start },
      {
        type: 'describe',
        by: api,
        userId,
        patch: {
          email: address(`${userId}@example.com`),
          name: userId === 'ann' ? 'Ann' : 'Bea',
          traits: { role: roles[userId] ?? 'member' },
        },
      },
    ]),
    {
      type: 'track',
      events: [
        ...['Board Created', 'Teammate Invited', 'Card Completed', 'Card Completed', 'Card Completed'],
      ].map((name) => event(name, start, { actor: 'ann' })),
    },
  ]
  return commands.reduce(
    (trial, command) => reduce(trial, command, playbook, start).trial,
    companyTrial(playbook, start),
  )
}

const seen = (trial: Trial, userId: string, playbook = heard, locale: string | null = null, at = now) =>
  decideNudges(asRecipient(trial, userId), playbook, { causes: [], locale, page: null }, at).find(
    ({ id }) => id === 'pitch',
  )

const clicked = (trial: Trial, actor: string, properties: object, claimed = false) =>
  createFold({
    playbooks: { current: () => heard, newest: async () => heard },
    clock: { now: () => now } as never,
  })(trial.id, trial, [
    {
      workspaceId,
      subject: `u:${actor}`,
      trialId: trial.id,
      event: event('Nudge Clicked', now, {
        actor,
        properties: { nudge_id: 'pitch', ...properties },
        ...(claimed && { claimed: true }),
      }),
    },
  ])

describe('a pitch', () => {
  it('is shown as it is to who can buy, and as a question to the others', () => {
    expect(seen(team(), 'bea')).toMatchObject({ format: 'slideout', action: { label: 'Upgrade' } })
    expect(seen(team(), 'ann')).toMatchObject({
      format: 'survey',
      action: null,
      question: 'Bea can upgrade for your team.',
      answers: ['Ask Bea'],
    })
    expect(seen(team(), 'ann', heard, 'de')).toMatchObject({ answers: ['Bea fragen'] })
  })

  it('is silent for the others where no email would tell who can buy', () => {
    const unheard = compilePlaybook(plain, 1)
    expect(seen(team(unheard), 'ann', unheard)).toBeUndefined()
    expect(seen(team(unheard), 'bea', unheard)).toBeDefined()
  })

  it('is for everyone while no one is known who can buy', () => {
    expect(seen(team(heard, {}), 'ann')).toMatchObject({ format: 'slideout' })
  })

  it('that the browser decides is not among the rules of who cannot buy', () => {
    const ids = (userId: string) =>
      localRules(heard, asRecipient(team(), userId)).rules.map(({ nudge }) => nudge.id)
    expect(ids('bea')).toContain('local-pitch')
    expect(ids('ann')).not.toContain('local-pitch')
  })
})

describe('asking', () => {
  it('emails who can buy, once, with the name of who asked', () => {
    const asked = clicked(team(), 'ann', { answer: 'Ask Bea' })
    const due = reduce(asked, { type: 'advance' }, heard, now + 1).trial
    const emails = due.outbox.filter(({ ruleId }) => ruleId === 'upgrade-asked')
    expect(emails).toMatchObject([{ to: 'bea', roles: ['buyer'] }])
    const facts = mailView(due, emails[0]!, heard, { now, links: {} as never })
    expect(facts.asker).toEqual({ name: 'Ann' })
    const again = reduce(
      clicked(due, 'ann', { answer: 'Ask Bea' }),
      { type: 'advance' },
      heard,
      now + 2,
    ).trial
    expect(again.outbox.filter(({ ruleId }) => ruleId === 'upgrade-asked')).toHaveLength(1)
  })

  it('is offered again after a week, not before', () => {
    const asked = clicked(team(), 'ann', { answer: 'Ask Bea' })
    expect(seen(asked, 'ann', heard, null, now + 6 * dayMs)).toBeUndefined()
    expect(seen(asked, 'ann', heard, null, now + 8 * dayMs)).toMatchObject({ format: 'survey' })
  })

  it.each([
    ['a click on the pitch itself', {}, false],
    ['an unsigned click', { answer: 'Ask Bea' }, true],
  ])('is not %s', (_, properties, claimed) => {
    const trial = clicked(team(), 'ann', properties, claimed)
    expect(trial.usage.counters['Upgrade Asked']).toBeUndefined()
    expect(trial.usage.total).toBe(team().usage.total)
  })
})
