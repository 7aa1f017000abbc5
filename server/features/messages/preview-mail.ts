import type { FixtureName } from '../../../shared/api/lint.ts'
import { subjectsOf } from '../../../shared/content/subjects.ts'
import { type MailFacts, mailLinks } from '../../../shared/mail-view.ts'
import type { MessageRule } from '../../../shared/playbook.ts'
import { type MessageKey, type MessageKind, trialIdOfUser } from '../../../shared/trial.ts'
import { holdsFor } from '../../domain/messages/content.ts'
import { mailView } from '../../domain/messages/email-view.ts'
import { freshMessage } from '../../domain/messages/fresh-message.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import type { OutboxMessage } from '../../domain/trial/model.ts'
import type { Workspace } from '../../domain/workspace.ts'
import type { RenderedMail, Renderer } from '../../ports.ts'
import { trialOfUser } from '../../storage/mail-owner.ts'
import type { Storage } from '../../storage/port.ts'
import type { Finding } from '../lint/finding.ts'
import type { EmailSamples } from '../lint/lint-feature.ts'
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
  | { readonly ok: false; readonly reason: 'unwritable'; readonly why: string }
  | { readonly ok: false; readonly reason: 'unknown'; readonly why: string }
  /** `subjects`: how many the rule has. */
  | { readonly ok: false; readonly reason: 'no_such_variant'; readonly subjects: number }

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

type Chosen =
  | { readonly ok: true; readonly rule: MessageRule | undefined; readonly subject: string | null }
  | Extract<Preview, { ok: false }>

function choose(
  { playbook }: CompiledPlaybook,
  kind: MessageKind,
  { rule: id, variant = 0 }: PreviewOptions,
): Chosen {
  const rules = playbook.messages.filter((candidate) => candidate.kind === kind)
  const rule = id === undefined ? rules[0] : rules.find((candidate) => candidate.id === id)
  if (id !== undefined && !rule) return unknown(`No rule "${id}" sends emails of this kind.`)
  const subjects = rule?.subjects ?? []
  const many = rule ? subjectsOf(rule).length : 0
  if (variant >= Math.max(1, many)) return { ok: false, reason: 'no_such_variant', subjects: many }
  return { ok: true, rule, subject: subjects[variant] ?? null }
}

/** The rule’s own subjects go before those of its content. */
const variantOfContent = (rule: MessageRule | undefined, variant = 0): number =>
  rule && rule.subjects.length > 0 ? 0 : variant

const unknown = (why: string) => ({ ok: false, reason: 'unknown', why }) as const

export function createPreviewMail({
  storage,
  playbooks,
  renderer,
  samples,
  publicUrl,
  now,
}: {
  storage: Storage
  playbooks: Playbooks
  renderer: Renderer
  samples: EmailSamples
  publicUrl: string
  now: () => number
}): PreviewMail {
  return async (workspace, kind, options) => {
    const { userId, locale, fixture } = options
    const playbook = playbooks.current(workspace.id)
    const chosen = choose(playbook, kind, options)
    if (!chosen.ok) return chosen
    const { rule, subject } = chosen
    const links = mailLinks(publicUrl, previewToken, { tracking: false })
    const trial =
      userId === undefined ? null : await trialOfUser(storage.trials, trialIdOfUser(workspace.id, userId))
    if (userId !== undefined && !trial) return unknown('There is no such trialist.')
    const message = previewMessage(kind, rule?.id ?? kind, now())
    const facts: MailFacts = trial
      ? mailView(trial, message, playbook, { now: now(), links, locale })
      : samples.facts({ kind, rule, playbook: playbook.playbook, fixture, locale }, now())
    const request = {
      template: rule?.template ?? kind,
      content: rule?.content,
      brand: playbook.playbook.brand,
      variant: variantOfContent(rule, options.variant),
      ...(trial && { holds: holdsFor(trial, playbook, now()) }),
      locale: locale ?? trial?.person.locale ?? playbook.playbook.product.locale,
      subject,
    }
    const answer = await renderer.render({ ...request, view: { ...facts, links } })
    if (!answer.ok) return { ok: false, reason: 'unwritable', why: answer.why }
    const view = { ...facts, links: samples.links }
    const inTheWorld = await renderer.render({ ...request, view })
    return {
      ok: true,
      mail: answer.mail,
      checked: inTheWorld.ok ? inTheWorld.mail : answer.mail,
      findings: samples.findings(inTheWorld, view),
    }
  }
}
