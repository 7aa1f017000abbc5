import { describe, expect, it } from 'vitest'
import { firstNameOf, mailView } from '../../../../server/domain/messages/email-view.ts'
import type { Actor, OutboxMessage } from '../../../../server/domain/trial/model.ts'
import { dayMs } from '../../../../shared/clock.ts'
import { mailLinks } from '../../../../shared/mail-view.ts'
import { address, api, compiled, dana, event, type Life, live } from '../../../support/life.ts'

const playbook = compiled()
const start = Date.UTC(2026, 2, 4, 9)
const links = mailLinks('https://t.example', 'token', { tracking: true })

function begun(): Life {
  const life = live(playbook, start)
  const patch = { email: address('ann@example.com'), name: 'Ann Example', timeZone: 'Asia/Tokyo' }
  life.do({ type: 'describe', patch, by: api })
  return life
}

const view = (life: Life, ruleId: string, of = playbook, locale?: string) => {
  const kind = of.ruleById.get(ruleId)?.kind
  return mailView(life.trial, { ruleId, kind } as OutboxMessage, of, { now: life.now, links, locale })
}

/** Every number in a view that stands for an amount. */
const amounts = (value: unknown, key = ''): number[] =>
  typeof value === 'number'
    ? key.endsWith('At') || key === 'now'
      ? []
      : [value]
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => amounts(inner, name))
      : []

describe('what an email may say', () => {
  it('never is 0 or empty', () => {
    const life = begun()
    for (const { id } of playbook.rules) {
      const { links: _, ...said } = view(life, id)
      expect(amounts(said)).not.toContain(0)
      expect(JSON.stringify(said)).not.toMatch(/:(null|"")/)
      expect(said.values).toEqual([])
      expect(said.losses).toEqual([])
      expect(said.paidFeature).toBeUndefined()
    }
  })

  it('are the person’s own numbers, one of them in the singular', () => {
    const life = begun()
    const names = [
      'Board Created',
      'Teammate Invited',
      'Teammate Invited',
      'Card Completed',
      'Automation Attempted',
    ]
    life.do({ type: 'track', events: names.map((name) => event(name, start)) })
    const said = view(life, 'expiring-activated-3d')
    expect(said.losses).toEqual([
      { value: 'members', n: 2, text: '{{n}} teammates lose access' },
      { value: 'boards', n: 1, text: 'your board becomes read-only' },
    ])
    expect(said.values).toContainEqual({ id: 'minutesSaved', label: 'minutes saved (estimate)', n: 20 })
    expect(said.paidFeature).toEqual({ name: 'Automations' })
    expect(said.milestones).toMatchObject({
      reached: ['Board Created', 'Teammate Invited'],
      next: { name: 'Card Completed', count: 1, threshold: 3 },
    })
  })

  it('names the step of its rule, the sender of its rule and the zone of the person', () => {
    const life = begun()
    expect(view(life, 'step-2').milestones.next?.name).toBe('Teammate Invited')
    expect(view(life, 'step-2')).toMatchObject({
      sender: { name: 'Board' },
      timeZone: 'Asia/Tokyo',
      person: { firstName: 'Ann' },
    })
    expect(view(life, 'expiring-passive-3d').sender).toEqual({ name: 'Dana', title: 'Customer success' })
  })

  it('offers more days only as long as the policy would grant them', () => {
    const life = begun()
    expect(view(life, 'expiring-passive-3d').offer).toEqual({ days: 7, endsAt: start + 21 * dayMs })
    life.do({
      type: 'extend',
      id: 'x',
      days: 7,
      reason: 'r',
      note: '',
      by: { kind: 'trialist', name: 'Ann' },
    })
    const said = view(life, 'expiring-passive-3d')
    expect(said.offer).toBeUndefined()
    expect(said.extension).toEqual({ days: 7, endsAt: start + 21 * dayMs, before: start + 14 * dayMs })
    life.do({ type: 'undoExtension', id: 'x', by: dana })
    expect(view(life, 'expiring-passive-3d').extension).toBeUndefined()
  })

  it('tells whose extension it was, when a rep by name gave it', () => {
    const given = (by: Actor) => {
      const life = begun()
      life.do({ type: 'extend', id: 'x', days: 7, reason: 'r', note: 'asked by phone', by })
      return view(life, 'extension-granted').extension
    }
    expect(given({ kind: 'rep', name: 'Dana Reyes' })?.by).toBe('Dana')
    expect(given({ kind: 'rep', name: 'dana@acme.example' })).not.toHaveProperty('by')
    expect(given({ kind: 'trialist', name: 'Ann' })).not.toHaveProperty('by')
    expect(JSON.stringify(given({ kind: 'rep', name: 'Dana Reyes' }))).not.toContain('asked by phone')
  })

  it('is a customer’s story only where the playbook has one', () => {
    const story = {
      quote: 'Now we look at the board and start.',
      person: 'Mara Lind',
      company: 'Studio Nord',
    }
    const telling = compiled({ product: { ...playbook.playbook.product, story } })
    expect(view(begun(), 'expiring-activated-3d').product).not.toHaveProperty('story')
    expect(view(begun(), 'expiring-activated-3d', telling).product.story).toEqual(story)
  })

  it('is what was used of a limit, also beyond it, in the unit the playbook names', () => {
    const limited = compiled({
      values: {
        ...playbook.playbook.values,
        boards: { formula: 'count("Board Created")', label: 'boards', limit: 2 },
        minutesSaved: {
          formula: 'count("Board Created") * 200',
          label: 'of meetings saved',
          unit: 'minutes',
        },
      },
    })
    const life = begun()
    expect(view(life, 'expiring-activated-3d', limited).values).toEqual([])
    life.do({ type: 'track', events: [1, 2, 3].map(() => event('Board Created', start)) })
    expect(view(life, 'expiring-activated-3d', limited).values).toEqual([
      { id: 'boards', label: 'boards', n: 3, limit: 2 },
      { id: 'minutesSaved', label: 'of meetings saved', n: 600, unit: 'minutes' },
    ])
  })

  it('has the playbook’s own words in the language of the email, a region’s before its language’s', () => {
    const translated = compiled({
      translations: { de: { boards: 'Boards', teammates: 'Teammitglieder' }, 'de-AT': { boards: 'Tafeln' } },
    })
    const texts = (locale?: string) => view(begun(), 'welcome', translated, locale).texts
    expect(texts('de')).toEqual({ boards: 'Boards', teammates: 'Teammitglieder' })
    expect(texts('de_AT')).toEqual({ boards: 'Tafeln', teammates: 'Teammitglieder' })
    expect(texts('fr')).toBeUndefined()
    expect(texts()).toBeUndefined()
  })

  it.each([
    ['Ann Example', 'Ann'],
    ['  Élodie  Durand', 'Élodie'],
    ['O’Neil Jones', 'O’Neil'],
    ['李 小龙', '李'],
    ['ann@example.com', null],
    ['www.example.com', null],
    ['https://x.example', null],
    ['12345', null],
    ['{{product}}', null],
    ['x'.repeat(41), null],
    ['', null],
    [null, null],
  ])('greets %j as %j', (name, first) => {
    expect(firstNameOf(name)).toBe(first)
  })
})
