import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkAddedDays, checkTriple, checkWindow, triple } from './time-triples.ts'

/** 4 zones of the process × 25,000 = 100,000 triples, each decided twice. */
const triples = 25_000

/** @param processZone the zone this process is made to live in; each has a file, and with it a process, of its own */
export function timeSuite(processZone: string): void {
  process.env.TZ = processZone
  describe(`local time, decided in a process that lives in ${processZone}`, () => {
    it('runs in that zone', () => {
      expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(processZone)
    })

    it(`counts days, weekdays and open hours as Intl does for ${triples} triples`, () => {
      fc.assert(fc.property(triple, checkTriple), { numRuns: triples })
    })

    it('keeps the wall-clock time when calendar days are added, over gaps and repeated hours', () => {
      fc.assert(fc.property(triple, checkAddedDays), { numRuns: triples / 10 })
    })

    it('finds the next open and the last open hour that stepping finds', () => {
      fc.assert(fc.property(triple, checkWindow), { numRuns: triples / 250 })
    })
  })
}
