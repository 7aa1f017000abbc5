import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

/** 4 zones of the process × 25,000 = 100,000 triples, each decided twice. */
const triples = 25_000

/** @param processZone the zone this process is made to live in while the suite runs */
export function timeSuite(processZone: string): void {
  describe(`local time, decided in a process that lives in ${processZone}`, () => {
    const zoneBefore = process.env.TZ
    let checks: typeof import('./time-triples.ts')

    beforeAll(async () => {
      process.env.TZ = processZone
      // What was remembered in another zone must not answer in this one.
      vi.resetModules()
      checks = await import('./time-triples.ts')
    })

    afterAll(() => {
      if (zoneBefore === undefined) delete process.env.TZ
      else process.env.TZ = zoneBefore
      vi.resetModules()
    })

    it('runs in that zone', () => {
      expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(processZone)
    })

    it(`counts days, weekdays and open hours as Intl does for ${triples} triples`, () => {
      fc.assert(fc.property(checks.triple, checks.checkTriple), { numRuns: triples })
    })

    it('keeps the wall-clock time when calendar days are added, over gaps and repeated hours', () => {
      fc.assert(fc.property(checks.triple, checks.checkAddedDays), { numRuns: triples / 10 })
    })

    it('finds the next open and the last open hour that stepping finds', () => {
      fc.assert(fc.property(checks.triple, checks.checkWindow), { numRuns: triples / 250 })
    })
  })
}
