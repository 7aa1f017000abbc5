import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CapacityLoad, planCapacity } from '../../../server/domain/capacity.ts'

const load: fc.Arbitrary<CapacityLoad> = fc.record({
  eventsPerDay: fc.nat({ max: 1e10 }),
  people: fc.nat({ max: 1e9 }),
  emailsPerDay: fc.nat({ max: 1e9 }),
})

describe('what a load takes', () => {
  it('is one process and one file for a team that begins', () => {
    const plan = planCapacity({ eventsPerDay: 200_000, people: 50_000, emailsPerDay: 2_000 })
    expect(plan).toMatchObject({ storage: 'sqlite', cores: 2, mongodb: null })
    expect(plan.busyAtPeak).toBeLessThan(0.1)
    expect(plan.diskGb).toBeLessThan(200)
  })

  it('is MongoDB once one core or one file is not enough', () => {
    const plan = planCapacity({ eventsPerDay: 500e6, people: 5e6, emailsPerDay: 1e6 })
    expect(plan.storage).toBe('mongodb')
    expect(plan.processes.web).toBeGreaterThan(2)
    expect(plan.mongodb?.tier).toMatch(/^M\d+$/)
    expect(planCapacity({ eventsPerDay: 0, people: 50e6, emailsPerDay: 0 }).storage).toBe('mongodb')
  })

  it('is split where no server is large enough', () => {
    expect(
      planCapacity({ eventsPerDay: 1e10, people: 1e9, emailsPerDay: 0 }).mongodb?.shards,
    ).toBeGreaterThan(1)
  })

  it('never falls where more is asked, on the same storage', () => {
    fc.assert(
      fc.property(
        load,
        fc.constantFrom('eventsPerDay', 'people', 'emailsPerDay'),
        fc.nat({ max: 1e9 }),
        (less, name, by) => {
          const [before, after] = [planCapacity(less), planCapacity({ ...less, [name]: less[name] + by })]
          if (before.storage === 'mongodb') expect(after.storage).toBe('mongodb')
          if (before.storage !== after.storage) return
          expect(after.cores).toBeGreaterThanOrEqual(before.cores)
          expect(after.diskGb).toBeGreaterThanOrEqual(before.diskGb)
          expect(after.busyAtPeak).toBeGreaterThanOrEqual(before.busyAtPeak)
          expect(after.mongodb?.shards ?? 0).toBeGreaterThanOrEqual(before.mongodb?.shards ?? 0)
        },
      ),
    )
  })
})
