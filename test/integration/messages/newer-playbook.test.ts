import { pino } from 'pino'
import { afterEach, expect, it } from 'vitest'
import { createSmtpMailer } from '../../../server/adapters/smtp-mailer.ts'
import { compilePlaybook } from '../../../server/domain/playbook/compile.ts'
import { createFold } from '../../../server/features/collect/fold-events.ts'
import { createDueLoop } from '../../../server/features/messages/due-loop.ts'
import { createPlaybooks } from '../../../server/features/playbook/playbook-service.ts'
import { createTrialChanges } from '../../../server/features/trials/change-trial.ts'
import { dayMs, minuteMs } from '../../../shared/clock.ts'
import { parseEmailAddress, trialIdOfUser } from '../../../shared/trial.ts'
import { playbook as published, workspaceId, workspaces } from '../../faults/world.ts'
import { buildLogged } from '../../support/build-event.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { createFakeRenderer } from '../../support/fake-renderer.ts'
import { createSmtpSink } from '../../support/smtp-sink.ts'
import { testSuppressions } from '../../support/suppressions.ts'
import { openTestStorage } from '../../support/test-storage.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const log = pino({ level: 'silent' })
const quiet = { ...published.playbook, messages: [] }
const by = { kind: 'api', name: 'test' } as const
const trialId = trialIdOfUser(workspaceId, 'early')

const eventAt = (at: number, name = 'Card Completed') =>
  buildLogged(
    { messageId: `m${at}`, name, verified: true, at, receivedAt: at },
    { workspaceId, userId: 'early' },
  )

/** Two processes on one database; the second one has read the playbook before the first one publishes a new one. */
async function setUp() {
  const clock = createFakeClock(Date.now())
  const storage = await openTestStorage({ file: ':memory:', now: () => clock.now() })
  const sink = await createSmtpSink({})
  const mailer = createSmtpMailer({ url: sink.url, log, answerTimeoutMs: 300 })
  open.push(storage.close, sink.close, mailer.close)

  async function process(owner: string) {
    const playbooks = createPlaybooks({
      storage,
      clock,
      compile: compilePlaybook,
      defaultPlaybook: quiet,
      log,
    })
    await playbooks.start([workspaceId])
    const changes = createTrialChanges({ storage, playbooks, clock })
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
      owner,
      publicUrl: 'https://trial.acme.example',
      mailDomain: 'acme.example',
      mailFrom: 'Acme <hello@acme.example>',
    })
    open.push(loop.stop)
    return { playbooks, changes, loop, fold: createFold({ playbooks, clock }) }
  }

  const [ahead, behind] = [await process('ahead'), await process('behind')]
  const publish = (expected: number, playbook = published.playbook) =>
    ahead.playbooks.publish(workspaceId, { playbook, expected, by: 'test', note: '' })
  /** One reminder falls due in a minute. */
  const enrol = async () => {
    const create = { workspaceId, userId: 'early', anonymousId: null }
    const trial = { startsAt: clock.now(), endsAt: clock.now() + 3 * dayMs + minuteMs }
    const patch = { email: parseEmailAddress('early@customer.example'), trial }
    await ahead.changes.change(trialId, { type: 'describe', patch, by }, { create })
    const earlier = { startsAt: clock.now() - 11 * dayMs, endsAt: trial.endsAt }
    await ahead.changes.change(trialId, { type: 'describe', patch: { trial: earlier }, by })
  }
  return { clock, storage, sink, ahead, behind, publish, enrol }
}

it('an email planned by a newer playbook is sent by a worker that has yet to read it', async () => {
  const { clock, storage, sink, behind, publish, enrol } = await setUp()
  await publish(1)
  await enrol()
  clock.advance(2 * minuteMs)
  await behind.loop.drain()
  expect(sink.ledger.map(({ to }) => to)).toEqual(['early@customer.example'])
  expect((await storage.trials.get(trialId))?.outbox.map(({ state }) => state)).toEqual(['sent'])
})

it('an email that is already in the outbox survives such a worker too', async () => {
  const { clock, storage, sink, ahead, behind, publish, enrol } = await setUp()
  await publish(1)
  await enrol()
  clock.advance(2 * minuteMs)
  await ahead.changes.change(trialId, { type: 'advance' })
  expect((await storage.trials.get(trialId))?.outbox.map(({ state }) => state)).toEqual(['due'])
  await behind.loop.drain()
  expect(sink.ledger).toHaveLength(1)
})

it('an email that the newest playbook has no more is not sent by such a worker', async () => {
  const { clock, storage, sink, ahead, behind, publish, enrol } = await setUp()
  await publish(1)
  await behind.playbooks.refresh()
  await enrol()
  await publish(2, quiet)
  await ahead.changes.change(trialId, { type: 'advance' })
  // By the playbook before, this activates and earns the upgrade email.
  await storage.ingest([eventAt(clock.now(), 'Board Created')], behind.fold)
  clock.advance(2 * minuteMs)
  await behind.loop.drain()
  expect(sink.ledger).toHaveLength(0)
})

it('events that an outdated process counts leave the newer plan alone', async () => {
  const { clock, storage, sink, behind, publish, enrol } = await setUp()
  await publish(1)
  await enrol()
  await storage.ingest([eventAt(clock.now())], behind.fold)
  const counted = await storage.trials.get(trialId)
  expect(counted?.usage.counters['Card Completed']?.count).toBe(1)
  expect(counted?.next?.kind).toBe('expiring_passive')
  expect(counted?.nextAt).toBe(clock.now())
  clock.advance(2 * minuteMs)
  await behind.loop.drain()
  expect(sink.ledger).toHaveLength(1)
})
