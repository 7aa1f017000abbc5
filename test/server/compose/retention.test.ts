import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRetention, type Retention } from '../../../server/compose/retention.ts'
import { isForgotten } from '../../../server/domain/metrics/forgetting.ts'
import { type Counted, mailOutcome } from '../../../server/domain/metrics/measure-message.ts'
import { findMail } from '../../../server/features/email-tracking/mail-record.ts'
import { type DocumentKind, documentDefinitions } from '../../../server/storage/document-registry.ts'
import { anyDocuments, type Storage } from '../../../server/storage/port.ts'
import { openSqliteStorage } from '../../../server/storage/sqlite/index.ts'
import { dayMs, minuteMs } from '../../../shared/clock.ts'
import type { TrialId } from '../../../shared/trial.ts'
import { buildMessage, someTime } from '../../support/build-trial.ts'
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts'
import { sampleDocuments } from '../../support/sample-documents.ts'

let storage: Storage
let clock: FakeClock
let wallClock: FakeClock
let retention: Retention
beforeEach(async () => {
  storage = await openSqliteStorage({ file: ':memory:' })
  clock = createFakeClock(someTime)
  wallClock = createFakeClock(someTime)
  retention = createRetention({ documents: storage.documents, clock, wallClock })
})
afterEach(() => storage.close())

const token = 'A'.repeat(22)
const about = { trialId: 'acme:u:ann' as TrialId, key: 'acme:u:ann/welcome/0' }
const mail = {
  ...about,
  kind: 'welcome',
  subject: 'Hello Ann',
  html: '<p>Hello Ann</p>',
  text: 'Hello Ann',
  links: ['https://acme.example/'],
  at: someTime,
  tracking: { opens: 'off', clicks: 'individual' },
}
const verdict = {
  actor: 'human',
  confidence: 'high',
  reasons: [],
  collapsed: false,
  client: 'Gmail',
  device: 'phone',
}
const signals = [
  {
    type: 'open',
    method: 'GET',
    userAgent: 'Mozilla',
    network: '192.0.2.0/24',
    link: null,
    verifiedAt: null,
    verdict,
  },
  {
    type: 'click',
    method: 'GET',
    userAgent: 'Mozilla',
    network: '192.0.2.0/24',
    link: 0,
    verifiedAt: someTime + 1,
    verdict,
  },
  { type: 'view_time', loadedMs: 4000, userAgent: 'Mozilla', network: '192.0.2.0/24', verdict },
  { type: 'reply', detail: 'Re: Hello', text: 'No thanks, says Ann', sentiment: 'negative' },
  { type: 'survey', detail: 'price' },
].map((signal, index) => ({ ...signal, ...about, at: someTime + index * minuteMs }))

const bodiesOf = async (kind: DocumentKind): Promise<object[]> =>
  (await storage.documents.list(kind, { limit: 5000 })).map(({ body }) => body as object)

describe('documents that would pile up', () => {
  const bounded = documentDefinitions.flatMap(([kind, { keep }]) =>
    keep === 'forever' ? [] : [[kind, keep.forMs, keep.clock] as const],
  )

  it.each(bounded)('of kind %s are kept for %i ms to the last, and then go', async (kind, forMs, by) => {
    const body = sampleDocuments[kind]
    await anyDocuments(storage.documents).put(kind, 'one', body, 0)
    const moved = by === 'wall' ? wallClock : clock
    const other = by === 'wall' ? clock : wallClock
    other.advance(1000 * dayMs)
    moved.advance(forMs)
    await retention.step()
    expect(await bodiesOf(kind)).toEqual([body])
    moved.advance(1)
    await retention.step()
    for (const left of await bodiesOf(kind)) expect(isForgotten(left)).toBe(true)
  })

  it('of every other kind stay as they are', async () => {
    const lasting = documentDefinitions.flatMap(([kind, { keep }]) => (keep === 'forever' ? [kind] : []))
    for (const kind of lasting) await storage.documents.put(kind, 'one', sampleDocuments[kind], 0)
    clock.advance(10_000 * dayMs)
    wallClock.advance(10_000 * dayMs)
    await retention.step()
    for (const kind of lasting) expect(await bodiesOf(kind)).toEqual([sampleDocuments[kind]])
  })

  it.each([
    ['job', { ...sampleDocuments.job, state: 'running' }],
    ['billing-outbox', { ...sampleDocuments['billing-outbox'], state: 'waiting' }],
    ['billing-read', { ...sampleDocuments['billing-read'], nextAttemptAt: someTime }],
    ['billing-payment', { ...sampleDocuments['billing-payment'], nextAttemptAt: someTime }],
  ] as const)('of kind %s stay while there is work left', async (kind, body) => {
    await anyDocuments(storage.documents).put(kind, 'one', body, 0)
    clock.advance(1000 * dayMs)
    await retention.step()
    expect(await bodiesOf(kind)).toEqual([body])
  })

  it('go a few hundred at a time, and each in its turn', async () => {
    for (let index = 0; index < 1201; index++) {
      const createdAt = index % 3 === 0 ? 0 : someTime
      await storage.documents.put('session', `${index}`, { ...sampleDocuments.session, createdAt }, 0)
    }
    const sizes: number[] = []
    for (let step = 0; step < 3; step++) {
      await retention.step()
      sizes.push((await bodiesOf('session')).length)
    }
    expect(sizes[0]).toBeGreaterThan(1000)
    expect(sizes[2]).toBe(800)
    wallClock.advance(8 * dayMs)
    for (let step = 0; step < 3; step++) await retention.step()
    expect(await bodiesOf('session')).toEqual([])
  })
})

describe('an email after thirteen months', () => {
  beforeEach(async () => {
    await anyDocuments(storage.documents).put('mail', token, mail, 0)
    for (const [index, signal] of signals.entries())
      await anyDocuments(storage.documents).put('signal', `${token}/${index}`, signal, 0)
    clock.advance(397 * dayMs)
    await retention.step()
  })

  it('can no longer be shown or followed', async () => {
    expect(await findMail(storage, token)).toBeNull()
  })

  it('keeps nothing of what was written, nor of whom by which device', async () => {
    const left = JSON.stringify([await bodiesOf('mail'), await bodiesOf('signal')])
    for (const word of ['Ann', 'price', 'Mozilla', '192.0.2', 'acme.example'])
      expect(left).not.toContain(word)
  })

  it('counts in the metrics as it did before', async () => {
    const message = buildMessage({ token, sentAt: someTime, dotAt: someTime })
    const outcomeOf = (found: readonly unknown[], { tracking }: Record<string, unknown>) =>
      mailOutcome(message, found as Counted[], { tracking: tracking as never, zone: 'UTC' })
    const [kept] = await bodiesOf('mail')
    const after = outcomeOf(await bodiesOf('signal'), kept as Record<string, unknown>)
    expect(after).toEqual(outcomeOf(signals, mail))
    expect(after?.counters).toMatchObject({ clicksHuman: 1 })
  })

  it('is not written again each time', async () => {
    const versions = async () =>
      (await storage.documents.list('signal', { limit: 100 })).map(({ version }) => version)
    const before = await versions()
    await retention.step()
    expect(await versions()).toEqual(before)
  })
})
