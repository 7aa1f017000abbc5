import type { FixtureName } from '../../../shared/api/lint.ts'
import { mailLinks } from '../../../shared/mail-view.ts'
import type { MessageRule } from '../../../shared/playbook.ts'
import { type MessageKey, type MessageKind, trialIdOfUser } from '../../../shared/trial.ts'
import { mailView } from '../../domain/messages/email-view.ts'
import { freshMessage } from '../../domain/messages/fresh-message.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import type { OutboxMessage } from '../../domain/trial/model.ts'
import type { Workspace } from '../../domain/workspace.ts'
import { ProblemError } from '../../http/problem.ts'
import type { RenderedMail, Renderer } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import { error, type Finding } from '../lint/finding.ts'

import { lintMail } from '../lint/lint-mail.ts'
import { asOf, sampleFacts, sampleLinks } from '../lint/sample-facts.ts'
import type { Playbooks } from '../playbook/playbooks.ts'

interface PreviewOptions {
  readonly userId?: string | undefined
  readonly locale?: string | undefined
  readonly fixture?: FixtureName | undefined
  /** Id; else the kind’s first rule. */
  readonly rule?: string | undefined
  /** Index into the rule’s subjects. */
  readonly variant?: number | undefined
}

export type Preview =
  | {
      readonly ok: true
      readonly mail: RenderedMail
      /** The same with links as they will be in the world: what lint and SpamAssassin look at. */
      readonly checked: RenderedMail
      readonly findings: readonly Finding[]
    }
  | { readonly ok: false; readonly why: string }

/** Writes an email without sending it: to a real trialist as things stand, or with sample facts. */
export type PreviewMail = (
  workspace: Workspace,
  kind: MessageKind,
  options: PreviewOptions,
) => Promise<Preview>

/** Names no email, so its links lead to the page that says so. */
const previewToken = 'preview'.padEnd(22, '0')

const previewMessage = (kind: MessageKind, ruleId: string, now: number): OutboxMessage => ({
  ...freshMessage({ key: 'preview' as MessageKey, ruleId, kind, cycle: 0, dueAt: now, notAfter: now }, now),
  token: previewToken,
})

/** @throws ProblemError when there is no such rule of that kind, or it has no such subject. */
function chosen(
  { playbook }: CompiledPlaybook,
  kind: MessageKind,
  { rule: id, variant = 0 }: PreviewOptions,
): { rule: MessageRule | undefined; subject: string | null } {
  const rules = playbook.messages.filter((candidate) => candidate.kind === kind)
  const rule = id === undefined ? rules[0] : rules.find((candidate) => candidate.id === id)
  if (id !== undefined && !rule)
    throw new ProblemError('not-found', { detail: `No rule "${id}" sends mails of this kind.` })
  const subjects = rule?.subjects ?? []
  if (variant >= Math.max(1, subjects.length))
    throw new ProblemError('invalid-request', {
      detail: 'The body has 1 fault(s).',
      errors: [
        { pointer: '/variant', detail: `The rule has ${subjects.length} subject(s), counted from 0.` },
      ],
    })
  return { rule, subject: subjects[variant] ?? null }
}

export function createPreviewMail({
  storage,
  playbooks,
  renderer,
  templatesDir,
  publicUrl,
  now,
}: {
  storage: Storage
  playbooks: Playbooks
  renderer: Renderer
  templatesDir: string
  publicUrl: string
  now: () => number
}): PreviewMail {
  return async (workspace, kind, options) => {
    const { userId, locale, fixture } = options
    const playbook = playbooks.current(workspace.id)
    const { rule, subject } = chosen(playbook, kind, options)
    const links = mailLinks(publicUrl, previewToken, { tracking: false })
    const trial = userId === undefined ? null : await storage.trials.get(trialIdOfUser(workspace.id, userId))
    if (userId !== undefined && !trial)
      throw new ProblemError('not-found', { detail: 'There is no such trialist.' })
    const message = previewMessage(kind, rule?.id ?? kind, now())
    const facts = trial
      ? mailView(trial, message, playbook, { now: now(), links, locale })
      : asOf(sampleFacts(templatesDir, { kind, rule, playbook: playbook.playbook, fixture, locale }), now())
    const request = {
      template: rule?.template ?? kind,
      locale: locale ?? trial?.person.locale ?? playbook.playbook.product.locale,
      subject,
    }
    const answer = await renderer.render({ ...request, view: { ...facts, links } })
    if (!answer.ok) return answer
    const view = { ...facts, links: sampleLinks }
    const inTheWorld = await renderer.render({ ...request, view })
    return {
      ok: true,
      mail: answer.mail,
      checked: inTheWorld.ok ? inTheWorld.mail : answer.mail,
      findings: inTheWorld.ok ? lintMail(inTheWorld.mail, view) : [error('render', inTheWorld.why)],
    }
  }
}
