import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  byUrgency,
  type Caps,
  emptyMemory,
  mayShow,
  type NudgeMemory,
  remembered,
  type Scene,
  touched,
} from '../../sdk/nudge-policy.ts'
import { nudgeFormats } from '../../shared/trial.ts'
import { aNudge } from '../support/collect-sink.ts'

const minute = 60_000
const day = 1440 * minute
const now = Date.UTC(2026, 8, 1, 12)
const caps: Caps = { perSession: 3, perDay: 3, perWeek: 8, gapMs: minute }
const calm: Scene = {
  now,
  busy: false,
  typing: false,
  hidden: false,
  covered: false,
  converted: false,
  erredAt: 0,
  anchorFound: true,
}
const ask = (
  nudge = aNudge(),
  {
    memory = emptyMemory(),
    scene = {},
    offeredAt = now,
  }: { memory?: NudgeMemory; scene?: Partial<Scene>; offeredAt?: number } = {},
) => mayShow(nudge, memory, caps, offeredAt, { ...calm, ...scene })

const shownAt = (...times: number[]): NudgeMemory =>
  times.reduce((memory, at) => remembered(memory, aNudge({ id: `at ${at}` }), 'Shown', at), emptyMemory())

describe('a prompt', () => {
  test('may show in a calm scene', () => {
    expect(ask()).toEqual({ show: true })
  })

  test.each<[string, Partial<Scene>]>([
    ['another one is open', { busy: true }],
    ['an input has the focus', { typing: true }],
    ['the page is hidden', { hidden: true }],
    ['the page has just failed', { erredAt: now - 1000 }],
    ['its element is not there', { anchorFound: false }],
  ])('waits while %s', (_what, scene) => {
    expect(ask(aNudge({ format: 'tooltip', anchor: '#x' }), { scene })).toMatchObject({
      show: false,
      at: expect.any(Number),
    })
  })

  test('is dropped once the person has converted, twice dismissed it, or seen it often enough', () => {
    const nudge = aNudge({ snoozeMs: 0, maxShows: 2 })
    const twice = (what: 'Dismissed' | 'Shown') =>
      remembered(remembered(emptyMemory(), nudge, what, now - 9 * day), nudge, what, now - 8 * day)
    expect(ask(nudge, { scene: { converted: true } })).toEqual({ show: false, why: 'converted' })
    expect(ask(nudge, { memory: twice('Dismissed') })).toEqual({ show: false, why: 'dismissed twice' })
    expect(ask(nudge, { memory: twice('Shown') })).toEqual({ show: false, why: 'shown often enough' })
    expect(ask(nudge, { offeredAt: now - 31 * minute })).toEqual({ show: false, why: 'waited too long' })
  })

  test('rests as long as it was snoozed', () => {
    const nudge = aNudge({ snoozeMs: day })
    const memory = remembered(emptyMemory(), nudge, 'Snoozed', now)
    expect(ask(nudge, { memory }).show).toBe(false)
    expect(ask(nudge, { memory, scene: { now: now + day }, offeredAt: now + day }).show).toBe(true)
  })

  test('keeps the gap, and the caps of session, day and week', () => {
    expect(ask(aNudge(), { memory: shownAt(now - minute / 2) })).toMatchObject({
      show: false,
      at: now + minute / 2,
    })
    const session = shownAt(now - 9 * minute, now - 6 * minute, now - 3 * minute)
    expect(ask(aNudge(), { memory: session })).toEqual({ show: false, why: 'enough for this session' })
    const today = shownAt(now - 20 * 60 * minute, now - 10 * 60 * minute, now - 5 * 60 * minute)
    expect(ask(aNudge(), { memory: today })).toEqual({ show: false, why: 'enough for today' })
    const week = shownAt(...[6.5, 6, 5.5, 4.5, 4, 3, 2.5, 2].map((days) => now - days * day))
    expect(ask(aNudge(), { memory: week })).toEqual({ show: false, why: 'enough for this week' })
    expect(ask(aNudge(), { memory: week, scene: { now: now + day }, offeredAt: now + day }).show).toBe(true)
  })

  test('the answer to the person’s own attempt, and what is part of the page, are free of gap and caps', () => {
    const memory = shownAt(now - 3000, now - 2000, now - 1000)
    const free = nudgeFormats.filter((format) => ask(aNudge({ format, anchor: '#x' }), { memory }).show)
    expect(free).toEqual(['inline', 'checklist', 'usage_meter', 'countdown', 'upgrade_wall'])
  })
})

test('no history of showing ever exceeds the caps', () => {
  const steps = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 12 * 60 }), fc.constantFrom('a', 'b', 'c', 'd')),
    {
      maxLength: 80,
    },
  )
  fc.assert(
    fc.property(steps, (walk) => {
      let memory = emptyMemory()
      let at = now
      const shown: number[] = []
      for (const [minutes, id] of walk) {
        at += minutes * minute
        const nudge = aNudge({ id, maxShows: 1000 })
        if (!ask(nudge, { memory, scene: { now: at }, offeredAt: at }).show) continue
        memory = remembered(memory, nudge, 'Shown', at)
        shown.push(at)
      }
      for (const [index, time] of shown.entries()) {
        const since = (span: number) => shown.filter((other) => other <= time && other > time - span).length
        expect(since(day)).toBeLessThanOrEqual(caps.perDay)
        expect(since(7 * day)).toBeLessThanOrEqual(caps.perWeek)
        if (index) expect(time - (shown[index - 1] as number)).toBeGreaterThanOrEqual(caps.gapMs)
      }
    }),
    { numRuns: 300 },
  )
})

test('a session ends after half an hour of rest', () => {
  const first = touched(emptyMemory(), now)
  expect(touched(first, now + 29 * minute).session.startedAt).toBe(now)
  expect(touched(first, now + 31 * minute).session.startedAt).toBe(now + 31 * minute)
})

test('priority goes before specificity, and that before age', () => {
  const waiting = (id: string, priority: number, specificity: number, offeredAt: number) => ({
    nudge: aNudge({ id, priority }),
    specificity,
    offeredAt,
    heldOut: false,
    cause: undefined,
    networkMs: 0,
    decided: 'local' as const,
  })
  const order = [
    waiting('late', 5, 2, 9),
    waiting('vague', 5, 1, 1),
    waiting('early', 5, 2, 3),
    waiting('major', 9, 0, 9),
  ]
    .sort(byUrgency)
    .map(({ nudge }) => nudge.id)
  expect(order).toEqual(['major', 'early', 'late', 'vague'])
})
