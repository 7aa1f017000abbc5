import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../../server/demo/seed/random.ts'
import { grantedEnd, isSameEnd, wantedEnd } from '../../../server/domain/billing/agreement.ts'
import { type Billing, createBilling } from '../../../server/features/billing/billing.ts'
import type { BillingProviderName } from '../../../server/features/billing/billing-provider.ts'
import { billingProviders } from '../../../shared/api/billing-connections.ts'
import { dayMs, minuteMs, secondMs } from '../../../shared/clock.ts'
import type { TrialId } from '../../../shared/trial.ts'
import { type ServedBilling, serveBilling } from '../../support/serve-billing.ts'

/** Runs for each of the five billing systems: 200 in all. */
const runs = 40
const stepsEach = 8

describe.each(billingProviders)('%s', (provider: BillingProviderName) => {
  let served: ServedBilling
  /** A second server on the same database. */
  let other: Billing
  beforeAll(async () => {
    served = await serveBilling(provider)
    const { services, storage } = served.api.server
    other = createBilling({
      ...services,
      takePayments: services.metrics.takePayments,
      storage,
      clock: served.clock,
      ids: { uuid: () => crypto.randomUUID(), secret: () => '' },
      random: () => 0.5,
      log: { warn: () => undefined },
      canWork: () => true,
      baseUrl: served.standIn.url,
    })
  })
  afterAll(() => served.close())

  const trialIdOf = (userId: string) => `main:u:${userId}` as TrialId
  const refOf = (index: number) => (provider === 'maxio' ? String(5000 + index) : `sub_${index}`)

  async function hint(server: Billing, eventId: string, ref: string) {
    const opened = await server.connections.open(served.connection.id)
    if (!opened) throw new Error('the connection is gone')
    await server.receive(opened.connection, {
      eventId,
      type: 'subscription.updated',
      occurredAt: null,
      ref,
      customerRef: null,
      payments: [],
      failures: [],
      ask: null,
    })
  }

  test(`${runs} mixed runs end as the billing system says, each extension effective once`, async () => {
    const { standIn, clock, billing } = served
    const { changes, storage } = served.api.server
    const random = seededRandom(billingProviders.indexOf(provider) + 1)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
    const startedAt = clock.now()
    const people = Array.from({ length: runs }, (_, index) => ({ userId: `p${index}`, ref: refOf(index) }))
    for (const { userId, ref } of people) {
      const trialEndsAt = startedAt + 14 * dayMs
      await served.put(userId, trialEndsAt)
      standIn.add({ ref, userId, startedAt, trialEndsAt })
      await hint(billing, `made-${ref}`, ref)
    }
    await billing.idle()

    let serial = 0
    const extend = (userId: string) =>
      changes.change(trialIdOf(userId), {
        type: 'extend',
        id: `x${++serial}`,
        days: 1 + Math.floor(random() * 9),
        reason: 'race',
        note: '',
        by: { kind: pick(['rep', 'api'] as const), name: 'Dana' },
      })
    const undo = async (userId: string) => {
      const trial = await storage.trials.get(trialIdOf(userId))
      const last = trial?.clock.extensions.findLast(({ undoneAt }) => undoneAt === null)
      const by = { kind: 'rep', name: 'Dana' } as const
      if (last) await changes.change(trialIdOf(userId), { type: 'undoExtension', id: last.id, by })
    }
    const step = async ({ userId, ref }: (typeof people)[number]) => {
      const server = pick([billing, other])
      const eventId = `e-${ref}-${Math.floor(random() * 4)}`
      switch (pick(['extend', 'extend', 'undo', 'moved', 'hint', 'hint', 'fault', 'paid'] as const)) {
        case 'extend':
          return void (await extend(userId))
        case 'undo':
          return provider === 'recurly' ? undefined : undo(userId)
        case 'moved':
          standIn.change(ref, {
            trialEndsAt: startedAt + (8 + Math.floor(random() * 16)) * dayMs + 7 * minuteMs,
          })
          return hint(server, `moved-${ref}-${++serial}`, ref)
        case 'hint':
          return hint(server, eventId, ref)
        case 'fault':
          return void standIn.faults.push(pick(['error', 'limited', 'lost answer'] as const))
        case 'paid':
          if (random() < 0.2) standIn.change(ref, { status: 'active' })
          return hint(server, `paid-${ref}-${++serial}`, ref)
      }
    }
    /** Time passes only while no one works: a clock that jumps under a call would end its lease. */
    const rest = async () => {
      await Promise.all([billing.idle(), other.idle()])
      clock.advance(15 * secondMs)
      await Promise.all([billing.work(), other.work()])
      await Promise.all([billing.idle(), other.idle()])
    }
    const steps = Array.from({ length: runs * stepsEach }, () => pick(people))
    // A handful at a time, so that they overlap with the work in the background and with each other.
    for (let at = 0; at < steps.length; at += 5) {
      await Promise.all(steps.slice(at, at + 5).map(step))
      if (at % 40 === 0) await rest()
    }
    await rest()
    standIn.faults.length = 0
    for (const { ref } of people) await hint(billing, `last-${ref}`, ref)
    await billing.idle()
    for (let round = 0; round < 8; round++) {
      await Promise.all([served.pass(10 * minuteMs), other.work()])
      await other.idle()
    }

    expect(standIn.accidents).toEqual([])
    expect(standIn.repeats).toEqual([])
    let extended = 0
    for (const { userId, ref } of people) {
      const trial = await storage.trials.get(trialIdOf(userId))
      const theirs = standIn.change(ref, {})
      expect([ref, trial?.clock.status]).toEqual([ref, theirs.status === 'active' ? 'converted' : 'trialing'])
      if (!trial || theirs.status === 'active') continue
      const { endsAt } = trial.clock
      const sameEnd = isSameEnd(endsAt, theirs.trialEndsAt)
      const shown = (await served.outbox(userId)).filter(
        ({ state }) => state === 'waiting' || state === 'dead',
      )
      if (grantedEnd(trial) !== null && theirs.trialEndsAt < (endsAt as number) && !sameEnd) {
        // Moved there to before what was granted here: that stays, in sight.
        expect(shown).toMatchObject([{ state: 'dead', detail: expect.stringContaining('granted here') }])
        continue
      }
      expect([ref, trial.clock.endsAt, theirs.trialEndsAt, sameEnd]).toEqual([
        ref,
        trial.clock.endsAt,
        theirs.trialEndsAt,
        true,
      ])
      if (wantedEnd(trial) !== null) extended++
      expect(shown.filter(({ detail }) => !detail?.includes('granted here'))).toEqual([])
    }
    expect(extended).toBeGreaterThan(5)
    expect(standIn.effects.length).toBeGreaterThan(runs / 2)
  })
})
