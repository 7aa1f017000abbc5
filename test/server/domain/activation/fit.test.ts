import { expect, it } from 'vitest'
import { address, api, compiled, event, live } from '../../../support/life.ts'

/** A Wednesday at noon. */
const start = Date.UTC(2026, 2, 4, 12)

const activated = (segment: 'unqualified' | 'opportunist', pitchWhenActivated?: boolean) => {
  const rule = { when: { trait: { path: 'role', is: 'student' } }, segment, why: 'A student.' }
  const fit = [{ ...rule, ...(pitchWhenActivated !== undefined && { pitchWhenActivated }) }]
  const life = live(compiled({ fit }), start)
  const patch = { email: address('ann@example.com'), traits: { role: 'student' } }
  life.do({ type: 'describe', patch, by: api })
  const names = ['Board Created', 'Teammate Invited', 'Card Completed', 'Card Completed', 'Card Completed']
  life.do({ type: 'track', events: names.map((name) => event(name, start)) })
  life.until(start + 60_000)
  return life
}
const isPitched = (life: ReturnType<typeof activated>) =>
  life.sent.some(({ message }) => message.kind === 'upgrade_now')

it('an unqualified person who reaches value is activated and still gets no pitch', () => {
  const life = activated('unqualified')
  expect(life.trial.standing.segment).toBe('activated')
  expect(isPitched(life)).toBe(false)
  expect(life.trial.decisions.map(({ why }) => why)).toContainEqual(expect.stringContaining('fit rule'))
})

it('the playbook may say otherwise', () => {
  expect(isPitched(activated('unqualified', true))).toBe(true)
})

it('an opportunist who reaches value is pitched, unless the playbook says otherwise', () => {
  expect(isPitched(activated('opportunist'))).toBe(true)
  expect(isPitched(activated('opportunist', false))).toBe(false)
})
