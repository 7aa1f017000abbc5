import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { factsOf, matchingRules, specificityOf } from '../../sdk/local-rules.ts'
import { decideNudges, localRules, trialSnapshot } from '../../server/domain/nudges/plan.ts'
import type { Condition } from '../../shared/condition.ts'
import { hashShare, isHeldOut, type NudgeTrigger } from '../../shared/nudge-rule.ts'
import type { PlaybookInput } from '../../shared/playbook.ts'
import { api, compiled, event, live } from '../support/life.ts'

/** One table, replayed by the browser's rules and by the server's: both must give the expected answer. */

interface Case {
  name: string
  on?: NudgeTrigger
  when?: Condition
  happened?: { event?: string; path?: string }
  /** What was tracked before. */
  events?: string[]
  /** Told by the team's server; the browser does not know them. */
  traits?: Record<string, unknown>
  laterMs?: number
  expected: boolean
}

const cases = JSON.parse(
  readFileSync(new URL('../cases/nudge-rules.json', import.meta.url), 'utf8'),
) as Case[]

/** A Saturday, so that no trial email keeps a nudge away. */
const start = Date.UTC(2026, 2, 7, 9)

const bookWith = (decide: 'local' | 'server', { on = 'any', when = {} }: Case) =>
  compiled({
    nudges: [
      { id: 'n', format: 'slideout', on, when, decide, content: { title: 'Title' } },
    ] satisfies PlaybookInput['nudges'],
  })

function lifeOf({ events = [], traits, laterMs = 0 }: Case, book: ReturnType<typeof compiled>) {
  const life = live(book, start)
  if (traits) life.do({ type: 'describe', patch: { traits }, by: api })
  if (events.length) life.do({ type: 'track', events: events.map((name) => event(name, start)) })
  life.now += laterMs
  return life
}

function askBrowser(it: Case): boolean {
  const book = bookWith('local', it)
  const life = lifeOf(it, book)
  const { event: happened, path = null } = it.happened ?? { event: 'Anything' }
  const facts = factsOf(
    trialSnapshot(life.trial, book, life.now),
    {},
    (name) => Number(name === happened),
    life.now,
  )
  return matchingRules(localRules(book, life.trial), facts, { event: happened ?? null, path }).length === 1
}

function askServer(it: Case): boolean {
  const book = bookWith('server', it)
  const life = lifeOf(it, book)
  const { event: happened, path } = it.happened ?? { event: 'Anything' }
  const cause = event(happened ?? 'page', life.now, path === undefined ? {} : { type: 'page' })
  if (happened) life.do({ type: 'track', events: [cause] })
  return (
    decideNudges(life.trial, book, { causes: [cause], locale: null, page: path ?? null }, life.now).length ===
    1
  )
}

describe('the table of nudge rules', () => {
  test.each(cases)('$name', (it) => {
    expect({ browser: askBrowser(it), server: askServer(it) }).toEqual({
      browser: it.expected,
      server: it.expected,
    })
  })
})

test('the more questions a condition asks, the more specific it is', () => {
  expect(specificityOf({})).toBe(0)
  expect(specificityOf({ segment: ['exploring'], reached: 'x' })).toBe(2)
  expect(specificityOf({ all: [{ reached: 'x' }, { any: [{ reached: 'y' }, { pace: ['slow'] }] }] })).toBe(3)
})

test('the control group is about the share asked for, and the same each time', () => {
  const people = Array.from({ length: 4000 }, (_, n) => `user-${n}`)
  for (const share of [0.1, 0.5]) {
    const held = people.filter((person) => isHeldOut('nudge', person, share))
    expect(held.length / people.length).toBeCloseTo(share, 1)
    expect(held.every((person) => isHeldOut('nudge', person, share))).toBe(true)
  }
  expect(people.some((person) => isHeldOut('nudge', person, 0))).toBe(false)
  expect(hashShare('')).toBeGreaterThanOrEqual(0)
})
