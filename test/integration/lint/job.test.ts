import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readTemplateFiles } from '../../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../../server/adapters/render-worker-engine.ts'
import { createMessageComposer } from '../../../server/adapters/smtp-mailer-message.ts'
import { compilePlaybook } from '../../../server/domain/playbook/compile.ts'
import { defaultPlaybook } from '../../../server/domain/playbook/default.ts'
import { createJobs, type Job, type JobStep } from '../../../server/features/jobs/job-service.ts'
import { createLintService } from '../../../server/features/lint/lint-job.ts'
import { mailTexts } from '../../../server/features/lint/mail-texts.ts'
import {
  type CheckSpam,
  createSpamCheck,
  type SpamVerdict,
} from '../../../server/features/lint/spam-check.ts'
import { createMeasuringStore } from '../../../server/features/metrics/measuring-settings.ts'
import { createPlaybooks } from '../../../server/features/playbook/playbook-service.ts'
import type { RenderedMail, Renderer } from '../../../server/ports.ts'
import type { Storage } from '../../../server/storage/port.ts'
import { fixtureNames } from '../../../shared/api/lint.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { someTime } from '../../support/build-trial.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { templatesDir } from '../../support/mail-samples.ts'
import { sqliteDatabase, type TestDatabase } from '../../support/storages.ts'

const render = createRenderMail(readTemplateFiles(templatesDir))
const renderer: Renderer = {
  async render(request) {
    try {
      return { ok: true, mail: render(request) }
    } catch (error) {
      return { ok: false, why: String(error) }
    }
  },
  close: async () => {},
}
const [acme, beta] = ['acme', 'beta'] as [WorkspaceId, WorkspaceId]
const wordings = mailTexts(defaultPlaybook).length
const total = wordings * fixtureNames.length
const good: SpamVerdict = { state: 'checked', score: 10, rules: [] }

let database: TestDatabase
let storage: Storage
beforeEach(async () => {
  database = await sqliteDatabase()
  storage = await database.open()
})
afterEach(() => database.remove())

/** Everything around the check as it is in the server, but with one language and a SpamAssassin that does as told. */
async function build({
  verdictOf = () => good,
  checkSpam = async (mail) => verdictOf(mail),
  around = (step) => step,
}: {
  verdictOf?: (mail: RenderedMail) => SpamVerdict
  checkSpam?: CheckSpam
  /** What happens between the jobs and the step. */
  around?: (step: JobStep) => JobStep
} = {}) {
  const clock = createFakeClock(someTime)
  const warnings: object[] = []
  let made = 0
  const ids = { uuid: () => `job-${++made}`, secret: () => 'secret' }
  const playbooks = createPlaybooks({
    storage,
    clock,
    compile: compilePlaybook,
    defaultPlaybook,
    log: { warn() {} },
  })
  await playbooks.start([acme, beta])
  const settings = createMeasuringStore(storage.documents)
  const jobs = createJobs({ storage, clock, ids })
  const lint = createLintService({
    documents: storage.documents,
    playbooks,
    jobs: { ...jobs, register: (kind, step) => jobs.register(kind, around(step)) },
    settings,
    renderer,
    checkSpam,
    templatesDir,
    locales: ['en'],
    clock,
    log: { warn: (details) => void warnings.push(details) },
  })
  const drafts = () => storage.documents.list('lint_draft', { limit: 100 })
  return { clock, playbooks, settings, lint, jobs, warnings, drafts }
}

test('a step that was lost between its draft and its job is not counted twice', async () => {
  let steps = 0
  const { lint, jobs, drafts } = await build({
    around: (step) => async (job, signal) => {
      const done = await step(job, signal)
      // The second step did its work; its word never arrived.
      if (++steps === 2) throw new Error('the process died')
      return done
    },
  })
  const { id } = await lint.start(acme, 'Dana')
  await jobs.runPending()
  expect(await jobs.get(acme, id)).toMatchObject({ state: 'done', done: total, total })
  expect(await lint.report(acme)).toMatchObject({ mails: total, errors: 0 })
  expect(await drafts()).toEqual([])
})

test('a step that died after its report only ends the job', async () => {
  let asked = 0
  let died = false
  const { lint, jobs } = await build({
    verdictOf: () => {
      asked++
      return good
    },
    around: (step) => async (job, signal) => {
      const done = await step(job, signal)
      if (!done.finished || died) return done
      died = true
      throw new Error('the process died')
    },
  })
  const { id } = await lint.start(acme, 'Dana')
  await jobs.runPending()
  expect(await jobs.get(acme, id)).toMatchObject({ state: 'done', done: total })
  expect(asked).toBe(wordings)
})

test('the playbook is the one that was published when the check began', async () => {
  const built = await build({
    around: (step) => async (job, signal) => {
      const done = await step(job, signal)
      await built.playbooks.publish(acme, {
        playbook: { ...defaultPlaybook, messages: [] },
        expected: 1,
        by: 'Dana',
        note: '',
      })
      return done
    },
  })
  await built.lint.start(acme, 'Dana')
  await built.jobs.runPending()
  expect(await built.lint.report(acme)).toMatchObject({ playbookVersion: 1, mails: total })
})

test('the draft of a cancelled check goes with the next one that ends', async () => {
  const cancelled = new Set<string>()
  const built = await build({
    around: (step) => async (job, signal) => {
      const done = await step(job, signal)
      if (cancelled.size === 0) {
        cancelled.add(job.id)
        await built.jobs.cancel(job.workspaceId, job.id)
      }
      return done
    },
  })
  const { lint, jobs, drafts } = built
  const first = await lint.start(acme, 'Dana')
  await jobs.runPending()
  expect((await jobs.get(acme, first.id))?.state).toBe('cancelled')
  expect([await drafts(), await lint.report(acme)]).toMatchObject([[{ id: 'acme/job-1' }], null])
  await lint.start(acme, 'Dana')
  await jobs.runPending()
  expect([await drafts(), await lint.report(acme)]).toMatchObject([[], { mails: total }])
})

test('what the rules of a playbook say is found where they say it', async () => {
  const { lint, jobs, playbooks } = await build()
  const messages = defaultPlaybook.messages.map((rule) =>
    rule.id === 'welcome' ? { ...rule, subjects: ['Welcome', 'RE: hello'] } : rule,
  )
  await playbooks.publish(acme, { playbook: { ...defaultPlaybook, messages }, expected: 1, by: '', note: '' })
  await lint.start(acme, 'Dana')
  await jobs.runPending()
  const report = await lint.report(acme)
  expect(report).toMatchObject({ playbookVersion: 2, mails: total + fixtureNames.length })
  expect(report?.findings).toEqual(
    fixtureNames.map((fixture) => ({
      level: 'error',
      check: 'subject-fake-reply',
      detail: expect.any(String),
      kind: 'welcome',
      rule: 'welcome',
      variant: 1,
      locale: 'en',
      fixture,
    })),
  )
})

test('an email that cannot be written is a finding, too', async () => {
  const { lint, jobs, playbooks } = await build()
  const messages = defaultPlaybook.messages.map((rule) =>
    rule.id === 'welcome' ? { ...rule, subjects: ['Hi {{ person.nickname }}'] } : rule,
  )
  await playbooks.publish(acme, { playbook: { ...defaultPlaybook, messages }, expected: 1, by: '', note: '' })
  await lint.start(acme, 'Dana')
  await jobs.runPending()
  expect((await lint.report(acme))?.findings).toMatchObject(
    fixtureNames.map((fixture) => ({ check: 'render', rule: 'welcome', fixture })),
  )
})

test('each workspace has its own report and its own score', async () => {
  const { lint, jobs, settings } = await build()
  const started: Job[] = [await lint.start(acme, 'Dana'), await lint.start(acme, 'Dana')]
  expect(started[0]?.id).toBe(started[1]?.id)
  await jobs.runPending()
  expect(await lint.report(acme)).toMatchObject({ spam: { state: 'checked', worst: 10 } })
  expect(await lint.report(beta)).toBeNull()
  expect((await settings.get(beta)).spamScore).toBeNull()
})

describe('SpamAssassin', () => {
  test('gives the worst score of all, once for each wording', async () => {
    const subjects: string[] = []
    const { lint, jobs, settings } = await build({
      verdictOf: ({ subject }) => {
        subjects.push(subject)
        const score = subjects.length === 5 ? 7.5 : 9.5
        return { state: 'checked', score, rules: [{ name: 'TOO_LOUD', points: 2.5 }] }
      },
    })
    await lint.start(acme, 'Dana')
    await jobs.runPending()
    expect(subjects).toHaveLength(wordings)
    const report = await lint.report(acme)
    expect(report?.spam).toMatchObject({ state: 'checked', worst: 7.5, locale: 'en' })
    expect(report?.findings).toMatchObject([
      { level: 'error', check: 'spam-score', fixture: 'normal', detail: '7.5 of 10: TOO_LOUD 2.5' },
    ])
    expect(await settings.get(acme)).toMatchObject({ spamScore: 7.5, spamScoreAt: report?.at })
  })

  test('that fails half-way is asked no more, and no score is claimed', async () => {
    let asked = 0
    const { lint, jobs, settings, warnings } = await build({
      verdictOf: () => (++asked < 6 ? good : { state: 'unreachable', why: 'ECONNREFUSED' }),
    })
    await settings.change(acme, { spamScore: 9 })
    await lint.start(acme, 'Dana')
    await jobs.runPending()
    expect(asked).toBeLessThan(wordings)
    expect(await lint.report(acme)).toMatchObject({ mails: total, spam: { state: 'unreachable' } })
    expect(warnings).toEqual([{ why: 'ECONNREFUSED' }])
    // What was known before stays, with its own date.
    expect((await settings.get(acme)).spamScore).toBe(9)
  })

  test('that is down leaves our own rules', async () => {
    const compose = createMessageComposer(undefined)
    const checkSpam = createSpamCheck({ spamdUrl: 'spamd://127.0.0.1:1', compose, now: () => someTime })
    const { lint, jobs } = await build({ checkSpam })
    await lint.start(acme, 'Dana')
    await jobs.runPending()
    expect(await lint.report(acme)).toMatchObject({ mails: total, spam: { state: 'unreachable' } })
  })

  test('does not undo a setting that changes in the same moment', async () => {
    const { settings } = await build()
    await settings.change(acme, { attributionDays: 30 })
    await Promise.all(
      [1, 2, 3].map((score) =>
        settings.change(acme, { spamScore: score, spamScoreAt: '2026-03-04T10:00:00.000Z' }),
      ),
    )
    expect(await settings.get(acme)).toMatchObject({ attributionDays: 30, spamScore: expect.any(Number) })
  })
})
