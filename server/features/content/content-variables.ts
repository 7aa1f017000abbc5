import type * as z from 'zod'
import type { contentApi } from '../../../shared/api/content.ts'
import { conditionHolds } from '../../../shared/condition.ts'
import { type ContentVariable, contentVariables } from '../../../shared/content/variables.ts'
import type { MailFacts } from '../../../shared/mail-view.ts'
import type { BlockContent } from '../../../shared/playbook/content.ts'
import type { MessageKey } from '../../../shared/trial.ts'
import { factsOfTrial } from '../../domain/activation/facts.ts'
import { mailView } from '../../domain/messages/email-view.ts'
import { freshMessage } from '../../domain/messages/fresh-message.ts'
import { statusAt } from '../../domain/trial/clock.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { peopleIn } from '../../domain/trial/recipient.ts'
import type { Workspace } from '../../domain/workspace.ts'
import { eachTrial } from '../../storage/each.ts'
import { type ContentParts, readerOf } from './preview-content.ts'

type Body = z.output<(typeof contentApi)['POST /api/content/variables']['body']>
type Answer = z.output<
  (typeof contentApi)['POST /api/content/variables']['answers'][200]['schema']
>['variables']

/** An answer within a moment matters more than the last trialist. */
const mostPeople = 2000

/** Each as they would read it, those of a company too. */
async function* eachPerson(...where: Parameters<typeof eachTrial>): AsyncGenerator<Trial, void> {
  for await (const trial of eachTrial(...where)) yield* peopleIn(trial)
}

function factAt(facts: MailFacts, path: string): unknown {
  const id = /^value\.(.+)$/.exec(path)?.[1]
  if (id !== undefined) return facts.values.find((value) => value.id === id)?.n
  let value: unknown = facts
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return Array.isArray(value) && value.length === 0 ? undefined : value
}

/** Each variable as a block of its own, left out where it is missing: one email says them all. */
function asContent(variables: readonly ContentVariable[], locale: string): BlockContent {
  const words = variables.map(({ name }, index) => [`v${index}.text`, { text: `{{ ${name} }}`, else: '' }])
  return {
    format: 'blocks',
    source: locale,
    layout: 'personal',
    blocks: variables.map((_, index) => ({ id: `v${index}`, type: 'text', style: 'normal' })),
    texts: {
      [locale]: { subject: { text: '-' }, preheader: { text: '-' }, ...Object.fromEntries(words) },
    },
  }
}

/** What words may name, as this person would read it, and how many of those who would get the email lack it. */
export async function listVariables(
  workspace: Workspace,
  body: Body,
  parts: ContentParts,
): Promise<Answer | null> {
  const reader = await readerOf(workspace, body, parts)
  if (!reader) return null
  const { playbook } = parts.playbooks.current(workspace.id)
  const variables = contentVariables(playbook.values)
  const written = await parts.renderer.render({
    template: 'custom',
    locale: reader.locale,
    subject: null,
    content: asContent(variables, reader.locale),
    view: { ...reader.facts, links: parts.samples.links },
    explains: true,
  })
  const blocks = written.ok ? (written.mail.report?.blocks ?? []) : []
  const missing = await countMissing(workspace, body, variables, parts)
  return variables.map(({ name, group, label, fact }, index) => ({
    name,
    group,
    label,
    value: blocks[index]?.state === 'shown' ? blocks[index].text : null,
    missingFor: fact === null ? null : { people: missing.lacking[index] ?? 0, of: missing.of },
  }))
}

async function countMissing(
  workspace: Workspace,
  { rule: asked }: Body,
  variables: readonly ContentVariable[],
  { storage, playbooks, samples, now }: ContentParts,
): Promise<{ readonly of: number; readonly lacking: readonly number[] }> {
  const playbook = playbooks.current(workspace.id)
  const rule = asked.id === undefined ? undefined : playbook.ruleById.get(asked.id)
  const kind = asked.kind ?? rule?.kind ?? 'upgrade_now'
  const at = now()
  const dates = { cycle: 0, dueAt: at, notAfter: at }
  const message = freshMessage({ key: 'count' as MessageKey, ruleId: rule?.id ?? kind, kind, ...dates }, at)
  const lacking = variables.map(() => 0)
  let [of, seen] = [0, 0]
  for await (const trial of eachPerson(storage.trials, workspace.id)) {
    if (++seen > mostPeople) break
    const conditions = factsOfTrial(trial, trial.standing, statusAt(trial.clock, at), playbook, at)
    if (rule && !conditionHolds(rule.when, conditions)) continue
    of++
    const facts = mailView(trial, message, playbook, { now: at, links: samples.links })
    variables.forEach(({ fact }, index) => {
      if (fact !== null && factAt(facts, fact) === undefined) lacking[index] = (lacking[index] ?? 0) + 1
    })
  }
  return { of, lacking }
}
