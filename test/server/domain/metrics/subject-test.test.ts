import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ArmCounts,
  assessSubjects,
  assignVariant,
  evidenceOfDifference,
  leastShare,
  probabilitiesBest,
} from '../../../../server/domain/metrics/subject-test.ts'

const arm = (variant: number, sent: number, conversions: number, objections = 0): ArmCounts => ({
  variant,
  sent,
  conversions,
  objections,
})

/** mulberry32: the same run each time. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A test as it runs: weights renewed, and a winner looked for, after each batch. @returns the winner, or null. */
function simulate(shares: readonly number[], seed: number): number | null {
  const random = createRandom(seed)
  const sent = shares.map(() => 0)
  const hits = shares.map(() => 0)
  let weights = shares.map(() => 1 / shares.length)
  for (let look = 0; look < 25; look++) {
    for (let i = 0; i < 160; i++) {
      let point = random()
      let chosen = 0
      while (chosen < weights.length - 1 && point >= (weights[chosen] as number))
        point -= weights[chosen++] as number
      sent[chosen] = (sent[chosen] as number) + 1
      if (random() < (shares[chosen] as number)) hits[chosen] = (hits[chosen] as number) + 1
    }
    const arms = shares.map((_, variant) => arm(variant, sent[variant] as number, hits[variant] as number))
    const test = assessSubjects(arms, 100)
    if (test.winner !== null) return test.winner
    weights = test.arms.map(({ weight }) => weight)
  }
  return null
}

describe('subject tests', () => {
  it('know how likely each arm is the best', () => {
    expect(probabilitiesBest([arm(0, 0, 0), arm(1, 0, 0)])).toEqual([
      expect.closeTo(0.5, 6),
      expect.closeTo(0.5, 6),
    ])
    // P(Beta(2,1) > Beta(1,1)) = 2/3.
    expect(probabilitiesBest([arm(0, 1, 1), arm(1, 0, 0)])[0]).toBeCloseTo(2 / 3, 2)
    expect(probabilitiesBest([arm(0, 1000, 100), arm(1, 1000, 200)])[1]).toBeGreaterThan(0.999)
  })

  it('has no winner by default, and says how long it would take', () => {
    const test = assessSubjects([arm(0, 50, 5), arm(1, 50, 9)], 100)
    expect(test.winner).toBeNull()
    expect(test.words).toMatch(/needs about \d+ more weeks/)
    expect(assessSubjects([arm(0, 50, 5), arm(1, 50, 9)], 0).words).toMatch(/no emails were sent/)
  })

  it('asks for 25 conversions of each arm before it names one', () => {
    expect(assessSubjects([arm(0, 400, 20), arm(1, 400, 120)], 100).winner).toBeNull()
    expect(assessSubjects([arm(0, 400, 26), arm(1, 400, 120)], 100).winner).toBe(1)
  })

  it('stops a subject that drives people away, also when it converts best', () => {
    const test = assessSubjects([arm(0, 500, 100, 40), arm(1, 500, 40, 4)], 100)
    expect(test.arms[0]).toMatchObject({ weight: 0, stopped: expect.stringMatching(/unsubscribed/) })
    expect(test.arms[1]?.weight).toBeCloseTo(1)
    expect(test.winner).toBeNull()
  })

  it('leaves each running arm its share, and the shares add up', () => {
    const counts = fc.array(fc.tuple(fc.nat(5000), fc.nat(5000), fc.nat(50)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(counts, fc.string(), (raw, person) => {
        const arms = raw.map(([a, b, objections], variant) =>
          arm(variant, Math.max(a, b), Math.min(a, b), Math.min(objections, Math.max(a, b))),
        )
        const test = assessSubjects(arms, 10)
        const weights = test.arms.map(({ weight }) => weight)
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9)
        for (const { weight, stopped } of test.arms)
          expect(
            stopped === null
              ? weight >= leastShare - 1e-9 || weights.length === 1
              : weight === 0 || test.arms.every((one) => one.stopped !== null),
          ).toBe(true)
        const variant = assignVariant(person, 'rule', weights)
        expect(variant).toBe(assignVariant(person, 'rule', weights))
        expect(weights[variant]).toBeGreaterThan(0)
      }),
      { numRuns: 200 },
    )
  })

  it('weighs evidence so that equal arms give none', () => {
    expect(evidenceOfDifference([arm(0, 1000, 100), arm(1, 1000, 100)])).toBeLessThan(0)
    expect(evidenceOfDifference([arm(0, 1000, 100), arm(1, 1000, 200)])).toBeGreaterThan(Math.log(20))
  })

  it('names a false winner in at most 5 % of 1,000 tests of the same subject, looked at 25 times each', () => {
    let false2 = 0
    let false3 = 0
    for (let seed = 0; seed < 700; seed++) if (simulate([0.1, 0.1], seed) !== null) false2++
    for (let seed = 0; seed < 300; seed++) if (simulate([0.1, 0.1, 0.1], seed + 5000) !== null) false3++
    expect(false2 + false3).toBeLessThanOrEqual(50)
  }, 60_000)

  it('finds 20 % beside 10 %', () => {
    const winners = Array.from({ length: 60 }, (_, seed) => simulate([0.1, 0.2], seed + 9000))
    expect(winners.filter((winner) => winner === 1).length).toBeGreaterThanOrEqual(54)
    expect(winners).not.toContain(0)
  }, 60_000)
})
