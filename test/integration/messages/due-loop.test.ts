import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { createIds } from '../../../server/adapters/ids.ts'
import { createSmtpMailer } from '../../../server/adapters/smtp-mailer.ts'
import { openMailName, parseMailAddress } from '../../../server/domain/messages/return-path.ts'
import { createDueLoop, type DueLoopOptions } from '../../../server/features/messages/due-loop.ts'
import { readSendingTrouble } from '../../../server/features/messages/sending-trouble.ts'
import { createTrialChanges } from '../../../server/features/trials/change-trial.ts'
import type { Renderer } from '../../../server/ports.ts'
import { dayMs, hourMs, minuteMs } from '../../../shared/clock.ts'
import type { EmailAddress } from '../../../shared/trial.ts'
import { plan } from '../../faults/context.ts'
import type { TestedKind } from '../../faults/protocol.ts'
import { playbooks, seedTrial, workspace, workspaceId, workspaces } from '../../faults/world.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { createFakeRenderer } from '../../support/fake-renderer.ts'
import { createSmtpSink, type SinkOptions } from '../../support/smtp-sink.ts'
import { testSuppressions } from '../../support/suppressions.ts'
import { openTestStorage } from '../../support/test-storage.ts'

/** One long file: each way a due email can go, on the same few trials. */

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const log = pino({ level: 'silent' })

async function setUp(sinkOptions: SinkOptions = {}, options: Partial<DueLoopOptions> = {}) {
  const clock = createFakeClock(Date.now())
  const storage = await openTestStorage({ file: ':memory:' })
  const changes = createTrialChanges({ storage, playbooks, clock })
  const sink = await createSmtpSink(sinkOptions)
  const mailer = createSmtpMailer({ url: sink.url, log, answerTimeoutMs: 300 })
  const loop = createDueLoop({
    storage,
    changes,
    suppressions: testSuppressions(storage.documents, () => clock.now()),
    playbooks,
    workspaces,
    mailer,
    clock,
    log,
    renderer: createFakeRenderer(),
    random: () => 0.5,
    owner: createIds().uuid(0),
    publicUrl: 'https://trial.acme.example',
    mailDomain: 'acme.example',
    mailFrom: 'Acme <hello@acme.example>',
    ...options,
  })
  open.push(storage.close, sink.close, mailer.close, loop.stop)
  const seed = (kind: TestedKind, domain?: string) => seedTrial(plan(kind, domain), changes, clock.now())
  const messageOf = async (trialId: Awaited<ReturnType<typeof seed>>['trialId']) =>
    (await storage.trials.get(trialId))?.outbox.at(-1)
  return { clock, storage, changes, sink, loop, seed, messageOf }
}

describe('the due loop', () => {
  it('sends what is due, once, with everything an email must carry', async () => {
    const { loop, seed, sink, storage, messageOf } = await setUp()
    const { trialId, userId } = await seed('expiring_activated')
    await loop.drain()
    await loop.drain()
    expect(sink.ledger).toHaveLength(1)
    const [mail] = sink.ledger
    const message = await messageOf(trialId)
    expect(message).toMatchObject({ state: 'sent', kind: 'expiring_activated' })
    expect(mail?.to).toBe(`${userId}@customer.example`)
    const bounce = parseMailAddress(mail?.from ?? '', 'acme.example')
    expect(bounce?.purpose).toBe('bounce')
    expect(bounce && openMailName(workspace.linkSecret, bounce)).toBe(message?.token)
    expect(mail?.headers).toMatch(/^Feedback-ID: expiring_activated:trial:faults:trialpace\r$/m)
    expect(mail?.headers).toContain(`https://trial.acme.example/u/${message?.token}`)
    const stored = await storage.documents.get('mail', message?.token ?? '')
    expect(stored?.body).toMatchObject({ trialId, kind: 'expiring_activated', key: message?.key })
    expect(stored?.body).toMatchObject({ links: ['https://acme.example'] })
  })

  it('sends one copy when two people share an address, also when both are due at once', async () => {
    const { loop, clock, changes, sink, storage, messageOf } = await setUp()
    const twins = await Promise.all(
      ['expiring_activated', 'expiring_activated', 'expiring_activated'].map((kind) =>
        seedTrial({ ...plan(kind as TestedKind), address: 'twin@customer.example' }, changes, clock.now()),
      ),
    )
    await Promise.all([loop.drain(), loop.drain()])
    for (let round = 0; round < 5; round++) {
      clock.advance(hourMs)
      await loop.drain()
    }
    expect(sink.ledger.map(({ to }) => to)).toEqual(['twin@customer.example'])
    const states = await Promise.all(twins.map(async ({ trialId }) => (await messageOf(trialId))?.state))
    expect(states.sort()).toEqual(['sent', 'superseded', 'superseded'])
    const aside = (await Promise.all(twins.map(({ trialId }) => storage.trials.get(trialId)))).flatMap(
      (trial) => trial?.decisions.filter(({ why }) => why.includes('with this address')) ?? [],
    )
    expect(aside).toHaveLength(2)
  })

  it('sends by itself once started, and wakes when a trial is saved', async () => {
    const { loop, seed, sink } = await setUp()
    loop.start()
    await seed('upgrade_now')
    while (sink.ledger.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await loop.stop()
    expect(loop.stats()).toMatchObject({ running: false, inFlight: 0 })
  })

  it('sends nothing while it may not, and everything afterwards', async () => {
    let confirmed = false
    const { loop, seed, sink } = await setUp({}, { canSend: () => confirmed })
    await seed('upgrade_now')
    await loop.drain()
    expect(sink.ledger).toHaveLength(0)
    confirmed = true
    await loop.drain()
    expect(sink.ledger).toHaveLength(1)
  })

  it('sends nothing to an address on the suppression list, and the trial says so', async () => {
    const { loop, seed, sink, storage, clock } = await setUp()
    const { trialId, userId } = await seed('upgrade_now')
    const address = `${userId}@customer.example` as EmailAddress
    const suppression = { reason: 'complaint', at: clock.now() } as const
    await testSuppressions(storage.documents, () => clock.now()).add(workspaceId, address, suppression)
    await loop.drain()
    expect(sink.ledger).toHaveLength(0)
    expect((await storage.trials.get(trialId))?.contact.suppressed).toMatchObject({ reason: 'complaint' })
  })

  it('tries again when an email could not be written for lack of time, and when it comes back sends it', async () => {
    let isBusy = true
    const calm = createFakeRenderer()
    const busy = { ok: false, why: 'the template ran for more than 1000 ms', isForNow: true } as const
    const renderer: Renderer = { ...calm, render: async (request) => (isBusy ? busy : calm.render(request)) }
    const { loop, seed, sink, clock, messageOf } = await setUp({}, { renderer })
    const { trialId } = await seed('upgrade_now')
    await loop.drain()
    expect(sink.ledger).toHaveLength(0)
    expect(await messageOf(trialId)).toMatchObject({ state: 'due', answer: busy.why })
    isBusy = false
    clock.advance(2 * minuteMs)
    await loop.drain()
    expect(sink.ledger).toHaveLength(1)
    expect(await messageOf(trialId)).toMatchObject({ state: 'sent' })
  })

  it('says why an email that cannot be written does not go', async () => {
    const renderer = {
      ...createFakeRenderer(),
      render: async () => ({ ok: false as const, why: 'no number' }),
    }
    const { loop, seed, sink, storage } = await setUp({}, { renderer })
    const { trialId } = await seed('ended_survey')
    await loop.drain()
    expect(sink.ledger).toHaveLength(0)
    const trial = await storage.trials.get(trialId)
    expect(trial?.decisions.at(-1)).toMatchObject({ outcome: 'blocked', why: 'no number' })
  })

  it('tries again on the schedule, with the same bytes, after a refusal for now', async () => {
    let refusals = 2
    const fault: NonNullable<SinkOptions['fault']> = (stage) =>
      stage === 'dot' && refusals-- > 0 ? { code: 451, text: '4.3.0 later' } : null
    const { loop, seed, sink, clock, messageOf } = await setUp({ fault })
    const { trialId } = await seed('upgrade_now')
    await loop.drain()
    expect(await messageOf(trialId)).toMatchObject({ state: 'due', attempts: 1 })
    await loop.drain()
    expect(await messageOf(trialId)).toMatchObject({ attempts: 1 })
    clock.advance(minuteMs)
    await loop.drain()
    clock.advance(5 * minuteMs)
    await loop.drain()
    expect(await messageOf(trialId)).toMatchObject({ state: 'sent', attempts: 3 })
    expect(sink.ledger).toHaveLength(1)
  })

  it('leaves a domain alone that asked to slow down, and goes on with others', async () => {
    const tried: string[] = []
    const fault: NonNullable<SinkOptions['fault']> = (stage, { to }) => {
      if (stage === 'rcpt') tried.push(to)
      return stage === 'rcpt' && to.endsWith('@busy.example') ? { code: 450, text: '4.7.1 slow down' } : null
    }
    const { loop, seed, sink } = await setUp({ fault }, { concurrency: 1 })
    await seed('upgrade_now', 'busy.example')
    await seed('upgrade_now', 'busy.example')
    await seed('upgrade_now', 'idle.example')
    await loop.drain()
    expect(tried.filter((to) => to.endsWith('@busy.example'))).toHaveLength(1)
    expect(sink.ledger).toHaveLength(1)
  })

  it('goes on with such a domain when its time is over, and not a step of waiting later', async () => {
    let busy = true
    const fault: NonNullable<SinkOptions['fault']> = (stage) =>
      busy && stage === 'mail' ? { code: 421, text: 'Maximum message count per session reached' } : null
    const { loop, seed, sink, clock } = await setUp({ fault })
    await seed('upgrade_now', 'busy.example')
    await loop.drain()
    busy = false
    // The first step of waiting may end before the domain’s minute does.
    for (let second = 0; second < 75; second += 5) {
      clock.advance(5_000)
      await loop.drain()
    }
    expect(sink.ledger).toHaveLength(1)
  })

  it('suppresses an address that does not exist, but no one for a policy refusal', async () => {
    const fault: NonNullable<SinkOptions['fault']> = (stage, { to }) => {
      if (stage !== 'rcpt') return null
      return to.endsWith('@hard.example')
        ? { code: 550, text: '5.1.1 no such user' }
        : { code: 550, text: '5.7.1 blocked' }
    }
    const { loop, seed, storage, clock } = await setUp({ fault })
    const hard = await seed('upgrade_now', 'hard.example')
    const policy = await seed('upgrade_now', 'policy.example')
    await loop.drain()
    const suppressedOf = async (id: typeof hard.trialId) =>
      (await storage.trials.get(id))?.contact.suppressed?.reason ?? null
    expect(await suppressedOf(hard.trialId)).toBe('hard_bounce')
    expect(await suppressedOf(policy.trialId)).toBeNull()
    const listed = testSuppressions(storage.documents, () => clock.now())
    const address = `${hard.userId}@hard.example` as EmailAddress
    expect(await listed.find(workspaceId, address)).toMatchObject({ reason: 'hard_bounce' })
  })

  it.each([
    ['mail', 550, '5.1.0 sender rejected'],
    ['mail', 553, '5.1.8 Domain of sender address does not exist'],
    ['mail', 550, '5.1.1 user unknown'],
    ['rcpt', 550, '5.4.5 Daily user sending quota exceeded.'],
    ['rcpt', 550, '5.1.2 relay not permitted for this sender'],
    ['dot', 554, '5.7.0 The limit on the number of allowed outgoing messages was exceeded. Try again later.'],
    [
      'dot',
      554,
      'Message rejected: Email address is not verified. The following identities failed the check',
    ],
  ] as const)(
    'tries again when the refusal at %s is about us (%i %s), and alarms once',
    async (at, code, text) => {
      let isRefusing = true
      const alarms: string[] = []
      const { loop, seed, storage, clock, sink } = await setUp(
        { fault: (stage) => (isRefusing && stage === at ? { code, text } : null) },
        { log: pino({ level: 'error' }, { write: (line) => alarms.push(line) }), concurrency: 1 },
      )
      const seeded = [await seed('upgrade_now'), await seed('upgrade_now')]
      await loop.drain()
      for (const { trialId } of seeded) {
        const trial = await storage.trials.get(trialId)
        expect(trial?.outbox.at(-1)?.state).toBe('due')
        expect(trial?.contact.suppressed).toBeNull()
      }
      expect(alarms.filter((line) => line.includes('the mail server takes no email from us'))).toHaveLength(1)
      expect(await readSendingTrouble(storage.documents)).toMatchObject({
        detail: expect.stringMatching(/^Sending is deferred because /),
        todo: expect.any(String),
        since: expect.any(Number),
      })
      isRefusing = false
      clock.set(clock.now() + 5 * minuteMs)
      await loop.drain()
      expect(sink.ledger).toHaveLength(2)
      expect(await readSendingTrouble(storage.documents)).toBeNull()
    },
  )

  it('sends nothing that an extension, saved before the dot, made untrue', async () => {
    const held: { extend?: () => Promise<unknown> } = {}
    const faults: DueLoopOptions['faults'] = (point) => {
      if (point === 'after-prepared') void held.extend?.()
    }
    const { loop, seed, sink, changes, storage } = await setUp({ delayMs: () => 30 }, { faults })
    const { trialId } = await seed('expiring_passive')
    const by = { kind: 'rep', name: 'Dana' } as const
    held.extend = () =>
      changes.change(trialId, { type: 'extend', id: 'x1', days: 7, reason: 'call', note: '', by })
    await loop.drain()
    expect(sink.ledger).toHaveLength(0)
    const trial = await storage.trials.get(trialId)
    expect(trial?.outbox.at(-1)?.state).toBe('superseded')
    expect(trial?.decisions.some(({ kind }) => kind === 'expiring_passive')).toBe(true)
  })

  it('marks as unknown what was cut off after the dot, and never sends it again', async () => {
    const { loop, seed, sink, clock, messageOf } = await setUp({
      fault: (stage) => (stage === 'dot' ? 'drop' : null),
    })
    const { trialId } = await seed('upgrade_now')
    await loop.drain()
    clock.advance(6 * hourMs)
    await loop.drain()
    expect(await messageOf(trialId)).toMatchObject({ state: 'unknown' })
    expect(sink.ledger).toHaveLength(1)
  })

  it.each([
    ['an hour back and forth', [-hourMs, hourMs], 1],
    ['a day back and forth', [-dayMs, dayMs], 1],
    ['an hour ahead', [hourMs], 1],
    ['forty days ahead, too late to be of use', [40 * dayMs], 0],
  ] as const)('when the clock is wrong by %s: sends nothing twice', async (_, steps, copies) => {
    const { loop, seed, sink, clock } = await setUp()
    await seed('upgrade_now')
    for (const step of steps) {
      clock.advance(step)
      await loop.drain()
    }
    await loop.drain()
    expect(sink.ledger).toHaveLength(copies)
  })

  it('gives back what is before its gate when it is stopped', async () => {
    let stopping: Promise<void> | undefined
    const held: { stop?: () => Promise<void> } = {}
    const faults: DueLoopOptions['faults'] = (point) => {
      if (point === 'after-prepared') stopping ??= held.stop?.()
    }
    const { loop, seed, sink, storage, messageOf } = await setUp({}, { faults })
    held.stop = loop.stop
    const { trialId } = await seed('upgrade_now')
    await loop.drain()
    await stopping
    expect(sink.ledger).toHaveLength(0)
    expect(await messageOf(trialId)).toMatchObject({ state: 'claimed', dotAt: null })
    expect(await storage.trials.claim(trialId, { owner: 'another', leaseMs: minuteMs })).not.toBeNull()
  })
})
