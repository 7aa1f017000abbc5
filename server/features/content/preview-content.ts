import type * as z from 'zod'
import type { contentPreviewBody } from '../../../shared/api/content.ts'
import { type Condition, type ConditionFacts, conditionHolds } from '../../../shared/condition.ts'
import { type ContentFault, checkContent } from '../../../shared/content/check.ts'
import { type MailFacts, mailLinks } from '../../../shared/mail-view.ts'
import { type MessageKey, type MessageKind, type Segment, trialIdOfUser } from '../../../shared/trial.ts'
import { factsOfTrial } from '../../domain/activation/facts.ts'
import { mailView, senderFacts } from '../../domain/messages/email-view.ts'
import { freshMessage } from '../../domain/messages/fresh-message.ts'
import { viewConditionFacts } from '../../domain/messages/view-facts.ts'
import type { CompiledPlaybook, CompiledRule } from '../../domain/playbook/compile.ts'
import { statusAt } from '../../domain/trial/clock.ts'
import type { OutboxMessage, Trial } from '../../domain/trial/model.ts'
import type { Workspace } from '../../domain/workspace.ts'
import type { RenderedMail, Renderer, RenderReport } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { EmailSamples } from '../lint/lint-feature.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import { type LocatedFinding, locateFindings } from './locate-findings.ts'

type Body = z.output<typeof contentPreviewBody>

/** Who reads it, and what is known about them. */
interface Reader {
  /** Of the email. */
  readonly kind: MessageKind
  readonly facts: MailFacts
  readonly conditions: ConditionFacts
  readonly locale: string
}

export type ContentPreview =
  | {
      readonly ok: true
      readonly wished: string
      readonly mail: RenderedMail
      readonly report: RenderReport
      readonly findings: readonly (ContentFault | (LocatedFinding & { readonly locale: null }))[]
    }
  | { readonly ok: false; readonly reason: 'unknown'; readonly why: string }

/** The sample of which kind shows what a person of a segment has done. */
const kindOfSegment: Readonly<Record<Segment, MessageKind>> = {
  activated: 'upgrade_now',
  exploring: 'onboarding_step',
  unaware: 'welcome',
  opportunist: 'welcome',
  unqualified: 'welcome',
}

/** Names no email, so its links lead to the page that says so. */
const previewToken = 'preview'.padEnd(22, '0')

const previewMessage = (kind: MessageKind, ruleId: string, now: number): OutboxMessage => ({
  ...freshMessage({ key: 'preview' as MessageKey, ruleId, kind, cycle: 0, dueAt: now, notAfter: now }, now),
  token: previewToken,
})

export interface ContentParts {
  readonly storage: Storage
  readonly playbooks: Playbooks
  readonly renderer: Renderer
  readonly samples: EmailSamples
  readonly publicUrl: string
  readonly now: () => number
}

/** The rule as it is in the form: the published one, with what the form says instead. */
function ruleOf({ playbook, ruleById }: CompiledPlaybook, asked: Body['rule']): CompiledRule | undefined {
  const base = asked.id === undefined ? undefined : ruleById.get(asked.id)
  const host = base ?? ruleById.get(playbook.messages[0]?.id ?? '')
  if (!host) return undefined
  const { kind = base?.kind ?? 'upgrade_now', sender = base?.sender ?? 'product' } = asked
  const milestone = asked.milestone ?? base?.milestone
  return { ...host, id: 'preview', kind, sender, milestone, when: base?.when ?? {} }
}

/** The facts about someone; null: there is no such trialist. */
export async function readerOf(
  workspace: Workspace,
  { rule: asked, person, locale }: Pick<Body, 'rule' | 'person' | 'locale'>,
  { storage, playbooks, samples, now, publicUrl }: ContentParts,
): Promise<Reader | null> {
  const published = playbooks.current(workspace.id)
  const rule = ruleOf(published, asked)
  const playbook = rule
    ? { ...published, ruleById: new Map([...published.ruleById, [rule.id, rule]]) }
    : published
  const kind = rule?.kind ?? 'upgrade_now'
  const usual = playbook.playbook.product.locale
  if ('userId' in person) {
    const trial = await storage.trials.get(trialIdOfUser(workspace.id, person.userId))
    if (!trial) return null
    const links = mailLinks(publicUrl, previewToken, { tracking: false })
    const facts = mailView(trial, previewMessage(kind, 'preview', now()), playbook, {
      now: now(),
      links,
      locale,
    })
    return {
      kind,
      facts,
      conditions: conditionsOf(trial, playbook, now()),
      locale: locale ?? trial.person.locale ?? usual,
    }
  }
  const sampleOf = (of: MessageKind) =>
    samples.facts(
      { kind: of, playbook: playbook.playbook, fixture: person.fixture, locale: locale ?? usual },
      now(),
    )
  const sample = inSituation(
    sampleOf(kindOfSegment[person.segment]),
    kind === 'custom' ? null : sampleOf(kind),
  )
  const facts = { ...sample, kind, sender: senderFacts(playbook.playbook, rule?.sender ?? 'product') }
  const links = samples.links
  const conditions = { ...viewConditionFacts({ ...facts, links }), segment: person.segment }
  return { kind, facts, conditions, locale: locale ?? usual }
}

/** The person is of the segment; when they read it, and what they were granted, is as the kind of email has it. */
function inSituation(person: MailFacts, situation: MailFacts | null): MailFacts {
  if (!situation) return person
  const { now, trial, offer, extension, answer } = situation
  return {
    ...person,
    now,
    trial,
    ...(offer && { offer }),
    ...(extension && { extension }),
    ...(answer && { answer }),
  }
}

const conditionsOf = (trial: Trial, playbook: CompiledPlaybook, now: number): ConditionFacts =>
  factsOfTrial(trial, trial.standing, statusAt(trial.clock, now), playbook, now)

type PreviewContent = (workspace: Workspace, body: Body) => Promise<ContentPreview>

/** Writes content that need not be saved, for one person, and says what is wrong with it. */
export function createPreviewContent(parts: ContentParts): PreviewContent {
  const { playbooks, renderer, samples, publicUrl } = parts
  return async (workspace, body) => {
    const reader = await readerOf(workspace, body, parts)
    if (!reader) return { ok: false, reason: 'unknown', why: 'There is no such trialist.' }
    const { playbook } = playbooks.current(workspace.id)
    const { content, variant } = body
    const request = {
      template: 'custom',
      locale: reader.locale,
      subject: null,
      content,
      variant,
      brand: body.brand ?? playbook.brand,
      holds: (condition: Condition) => conditionHolds(condition, reader.conditions),
      explains: true,
    }
    const links = mailLinks(publicUrl, previewToken, { tracking: false })
    const shown = await renderer.render({ ...request, view: { ...reader.facts, links } })
    const faults = checkContent(content, { values: Object.keys(playbook.values), kind: reader.kind })
    if (!shown.ok)
      return { ok: true, wished: reader.locale, ...nothing(shown.why, content.source), findings: faults }
    const report = shown.mail.report ?? { ...nothing('', content.source).report, notSent: null }
    if (report.notSent !== null)
      return { ok: true, wished: reader.locale, mail: shown.mail, report, findings: faults }
    const view = { ...reader.facts, links: samples.links }
    const checked = await renderer.render({ ...request, view })
    const found = samples.findings(checked, view)
    const located = checked.ok
      ? locateFindings(found, checked.mail, view, checked.mail.report ?? report, (mail, about) =>
          samples.findings({ ok: true, mail }, about),
        )
      : found.map((finding) => ({ ...finding, block: null, field: null }))
    const findings = [...faults, ...located.map((finding) => ({ ...finding, locale: null }))]
    return { ok: true, wished: reader.locale, mail: shown.mail, report, findings: errorsFirst(findings) }
  }
}

const errorsFirst = <T extends { readonly level: string }>(findings: readonly T[]): readonly T[] => [
  ...findings.filter(({ level }) => level === 'error'),
  ...findings.filter(({ level }) => level !== 'error'),
]

/** An email that cannot be written at all: a fault of its Liquid. */
const nothing = (why: string, locale: string): { mail: RenderedMail; report: RenderReport } => ({
  mail: { subject: '', preheader: '', html: '', text: '', links: [] },
  report: { locale, notSent: why, blocks: [], missing: [] },
})
