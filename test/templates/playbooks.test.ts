import { describe, expect, it } from 'vitest'
import { readTemplateFiles } from '../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../server/adapters/render-worker-engine.ts'
import { demoPlaybook } from '../../server/demo/demo-playbook.ts'
import { mailView } from '../../server/domain/messages/email-view.ts'
import { compilePlaybook } from '../../server/domain/playbook/compile.ts'
import { defaultPlaybook } from '../../server/domain/playbook/default.ts'
import { newTrial, reduce } from '../../server/domain/reducer/reduce.ts'
import type { OutboxMessage, Trial } from '../../server/domain/trial/model.ts'
import { lintMail } from '../../server/features/lint/lint-mail.ts'
import { loadCatalog } from '../../server/locales/catalog.ts'
import { dayMs, hourMs } from '../../shared/clock.ts'
import { mailLinks } from '../../shared/mail-view.ts'
import type { MessageRule } from '../../shared/playbook.ts'
import { trialIdOfUser, type WorkspaceId } from '../../shared/trial.ts'
import { templatesDir } from '../support/mail-samples.ts'

const render = createRenderMail(readTemplateFiles(templatesDir))
const { locales } = loadCatalog(templatesDir)
const links = mailLinks('https://mail.example.com', 'ABEiM0RVZneImaq7zN3u_w', { tracking: true })
const start = Date.UTC(2026, 8, 1, 9)
const workspaceId = 'acme' as WorkspaceId
const playbooks = {
  default: compilePlaybook(defaultPlaybook, 0),
  demo: compilePlaybook(demoPlaybook('https://boardly.example'), 0),
}

type Compiled = (typeof playbooks)['demo']

function trialOf(playbook: Compiled, times: number): Trial {
  const who = { id: trialIdOfUser(workspaceId, 'u'), workspaceId, userId: 'u', anonymousId: null }
  const names = [...playbook.playbook.milestones.map(({ event }) => event)]
  if (playbook.playbook.paidFeature) names.push(playbook.playbook.paidFeature.event)
  const events = names.flatMap((name) =>
    Array.from({ length: times }, (_, index) => ({
      messageId: `${name}-${index}`,
      type: 'track' as const,
      name,
      at: start + index,
      receivedAt: start + index,
      verified: true,
      properties: {},
      traits: {},
    })),
  )
  const trial = newTrial(who, playbook, start)
  return events.length > 0 ? reduce(trial, { type: 'track', events }, playbook, start + hourMs).trial : trial
}

/** When an email of that kind goes. */
const momentOf: Partial<Record<MessageRule['kind'], number>> = {
  expiring_activated: 11 * dayMs,
  expiring_passive: 11 * dayMs,
  ended_survey: 15 * dayMs,
  survey_follow_up: 16 * dayMs,
  trial_ended: 14 * dayMs + hourMs,
}

function situations(playbook: Compiled, rule: MessageRule): Trial[] {
  const [nothing, once, often] = [0, 1, 40].map((times) => trialOf(playbook, times)) as [Trial, Trial, Trial]
  const answered = (trial: Trial, answer: string): Trial => ({
    ...trial,
    survey: { answer, at: start + 15 * dayMs, comment: null },
  })
  const extended = (trial: Trial): Trial =>
    reduce(
      trial,
      { type: 'extend', id: 'e', days: 7, reason: '', note: '', by: { kind: 'rep', name: 'Dana' } },
      playbook,
      start + hourMs,
    ).trial
  switch (rule.kind) {
    case 'survey_follow_up':
      return playbook.playbook.survey.answers.map(({ id }) => answered(nothing, id))
    case 'extension_granted':
      return [extended(nothing), extended(often)]
    case 'upgrade_now':
    case 'expiring_activated':
      return [once, often]
    case 'onboarding_step':
      return [nothing]
    default:
      return [nothing, often]
  }
}

describe.each(Object.entries(playbooks))('every email of the %s playbook', (name, playbook) => {
  // Only one of them brings words of its own in other languages.
  const asked = name === 'demo' ? locales : ['en', 'ko', 'ar']

  it.each(playbook.playbook.messages.map((rule) => [rule.id, rule] as const))(
    'can be written and lints clean: %s',
    (_id, rule) => {
      const now = start + (momentOf[rule.kind] ?? 2 * hourMs)
      const message = { ruleId: rule.id, kind: rule.kind } as OutboxMessage
      for (const trial of situations(playbook, rule))
        for (const locale of asked) {
          const view = mailView(trial, message, playbook, { now, links, locale })
          const mail = render({ template: rule.template ?? rule.kind, locale, subject: null, view })
          expect(
            lintMail(mail, view).filter(({ level }) => level === 'error'),
            `${locale}: ${mail.subject}`,
          ).toEqual([])
          const { texts = {} } = view
          for (const [wording, translated] of Object.entries(texts))
            if (wording.length > 12 && wording !== translated) expect(mail.text).not.toContain(wording)
        }
    },
  )
})
