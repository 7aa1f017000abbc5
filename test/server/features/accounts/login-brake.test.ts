import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLoginBrake, triesKind } from '../../../../server/features/accounts/login-brake.ts'
import type { Storage } from '../../../../server/storage/port.ts'
import { openSqliteStorage } from '../../../../server/storage/sqlite/index.ts'
import { hourMs, minuteMs } from '../../../../shared/clock.ts'
import { createFakeClock } from '../../../support/fake-clock.ts'

const owner = 'owner@acme.example'
let storage: Storage
const clock = createFakeClock(Date.UTC(2026, 5, 1))
const brake = () => createLoginBrake({ clock, documents: storage.documents })
const triesUntilHeldBack = async (ip: (n: number) => string, email: (n: number) => string, most = 100) => {
  for (let n = 0; n < most; n++) if ((await brake().take(ip(n), email(n))) > 0) return n
  return most
}

beforeEach(async () => {
  storage = await openSqliteStorage({ file: ':memory:' })
})
afterEach(() => storage.close())

describe('the brake on sign-in', () => {
  it('lets a network try an account five times, all servers together', async () => {
    expect(
      await triesUntilHeldBack(
        () => '192.0.2.1',
        () => owner,
      ),
    ).toBe(5)
    clock.set(clock.now() + 15 * minuteMs)
    expect(await brake().take('192.0.2.1', owner)).toBe(0)
  })
  it('counts the addresses of one IPv6 line together', async () => {
    expect(
      await triesUntilHeldBack(
        (n) => `2001:db8:1:2::${n.toString(16)}`,
        (n) => `a${n}@x.example`,
      ),
    ).toBe(20)
  })
  it('keeps its counts under any flood of other names', async () => {
    await triesUntilHeldBack(
      () => '192.0.2.2',
      () => owner,
    )
    for (let n = 0; n < 500; n++) await brake().take('192.0.2.2', `fill${n}@x.example`)
    expect(await brake().take('192.0.2.2', owner)).toBeGreaterThan(0)
    const stored = await storage.documents.list(triesKind, { limit: 1000 })
    expect(stored.length).toBeLessThan(60)
  })
  it('does not lock the owner out while strangers guess from many networks', async () => {
    const home = '198.51.100.7'
    await brake().succeeded(home, owner)
    expect(
      await triesUntilHeldBack(
        (n) => `203.0.113.${n}`,
        () => owner,
        200,
      ),
    ).toBe(50)
    expect(await brake().take(home, owner)).toBe(0)
    expect(await brake().take('203.0.113.250', owner)).toBeGreaterThan(0)
    clock.set(clock.now() + hourMs)
    expect(await brake().take('203.0.113.250', owner)).toBe(0)
  })
  it('forgets the tries of a network that had the right password', async () => {
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 4; n++) expect(await brake().take('192.0.2.9', owner)).toBe(0)
      await brake().succeeded('192.0.2.9', owner)
    }
  })
  it('lets a whole office sign in from one address, and still counts the guesses among them', async () => {
    const office = '192.0.2.10'
    for (let n = 0; n < 60; n++) {
      expect(await brake().take(office, `a${n}@acme.example`)).toBe(0)
      await brake().succeeded(office, `a${n}@acme.example`)
    }
    expect(
      await triesUntilHeldBack(
        () => office,
        (n) => `b${n}@acme.example`,
      ),
    ).toBe(20)
  })
  it('stores neither addresses nor names', async () => {
    await brake().take('192.0.2.77', 'someone@acme.example')
    const stored = JSON.stringify(await storage.documents.list(triesKind, { limit: 10 }))
    expect(stored).not.toMatch(/192\.0\.2|someone|acme/)
  })
})
