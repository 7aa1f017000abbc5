import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MailFacts, mailLinks } from '../../../shared/mail-view.ts'
import { type MessageKey, type MessageKind, trialIdOfUser } from '../../../shared/trial.ts'
import { mailView } from '../../domain/mail-view.ts'
import type { OutboxMessage } from '../../domain/model.ts'
import type { CompiledPlaybook } from '../../domain/playbook.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Renderer } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { Workspace } from '../workspaces/workspaces.ts'

/** Writes a mail without sending it: to a real trialist as things stand, or with sample facts. */
export type PreviewMail = (
  workspace: Workspace,
  kind: MessageKind,
  options: { userId?: string | undefined; locale?: string | undefined },
) => ReturnType<Renderer['render']>

/** Names no mail, so its links lead to the page that says so. */
const previewToken = 'preview'.padEnd(22, '0')

const previewMessage = (kind: MessageKind, ruleId: string, now: number): OutboxMessage => ({
  key: 'preview' as MessageKey,
  ruleId,
  kind,
  cycle: 0,
  state: 'claimed',
  dueAt: now,
  notAfter: now,
  attempts: 0,
  nextAttemptAt: now,
  fence: null,
  facts: null,
  token: previewToken,
  messageId: null,
  subject: null,
  variant: null,
  bodyHash: null,
  endsAtQuoted: null,
  dotAt: null,
  sentAt: null,
  answer: null,
  openedAt: null,
  clickedAt: null,
  repliedAt: null,
  bouncedAt: null,
})

/** The sample speaks of an invented product; names and addresses of the real one take their place. */
function sampleFacts(templatesDir: string, template: string, { playbook }: CompiledPlaybook): MailFacts {
  const sample = JSON.parse(
    readFileSync(join(templatesDir, 'emails', template, 'sample.json'), 'utf8'),
  ) as MailFacts
  const { name, url, upgradeUrl, postalAddress } = playbook.product
  return { ...sample, product: { ...sample.product, name, url, upgradeUrl, postalAddress } }
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
  return async (workspace, kind, { userId, locale }) => {
    const playbook = playbooks.current(workspace.id)
    const rule = playbook.playbook.messages.find((candidate) => candidate.kind === kind)
    const template = rule?.template ?? kind
    const links = mailLinks(publicUrl, previewToken, { tracking: false })
    const trial = userId === undefined ? null : await storage.trials.get(trialIdOfUser(workspace.id, userId))
    if (userId !== undefined && !trial)
      throw new ProblemError('not-found', { detail: 'There is no such trialist.' })
    const view = trial
      ? mailView(trial, previewMessage(kind, rule?.id ?? kind, now()), playbook, { now: now(), links })
      : { ...sampleFacts(templatesDir, template, playbook), links }
    return renderer.render({
      template,
      locale: locale ?? trial?.person.locale ?? playbook.playbook.product.locale,
      subject: rule?.subjects[0] ?? null,
      view,
    })
  }
}
