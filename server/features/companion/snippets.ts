import { Liquid } from 'liquidjs'
import type { snippets } from '../../../shared/api/card.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { zoneOf } from '../../domain/trial/clock.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Playbooks } from '../playbook/playbooks.ts'

/** Texts for a rep’s own reply, in Liquid, filled with this person’s figures; a missing figure blocks and is named. */
export interface Snippets {
  write(
    trial: Trial,
    id: SnippetId,
    rep: string,
  ): Promise<{ ok: true; text: string } | { ok: false; why: string }>
}
type SnippetId = (typeof snippets)[number]

const texts: Record<SnippetId, string> = {
  extension_offer:
    'Your trial of {{ product }} ends on {{ endsOn }}. If you would like more time to try it properly, just tell me and I will extend it.',
  next_step:
    'The next thing worth trying is “{{ nextMilestone }}”.{% if nextHint %} {{ nextHint }}{% endif %}{% if nextUrl %} {{ nextUrl }}{% endif %}',
  value_so_far: 'So far you have done {{ achievements }} in {{ product }}.',
}

const missing: Record<string, string> = {
  endsOn: 'This trial has no end date.',
  nextMilestone: 'Every milestone is reached, so there is no next step.',
  achievements: 'There is no usage to count yet.',
}

const engine = new Liquid({
  strictVariables: true,
  lenientIf: true,
  ownPropertyOnly: true,
  parseLimit: 10_000,
  renderLimit: 100,
  memoryLimit: 100_000,
})
const parsed = Object.fromEntries(Object.entries(texts).map(([id, text]) => [id, engine.parse(text)]))

function viewOf(trial: Trial, compiled: CompiledPlaybook, rep: string): Record<string, string> {
  const { product, milestones } = compiled.playbook
  const locale = trial.person.locale ?? product.locale
  const next = milestones.find(({ name }) => trial.standing.reachedAt[name] === undefined)
  const done = milestones.flatMap(({ event }) => {
    const count = trial.usage.counters[event]?.count ?? 0
    return count > 0 ? [`${event} (${count}×)`] : []
  })
  const endsOn =
    trial.clock.endsAt &&
    new Intl.DateTimeFormat(locale, {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      timeZone: zoneOf(trial, compiled),
    }).format(trial.clock.endsAt)
  return {
    product: product.name,
    rep,
    ...(endsOn && { endsOn }),
    ...(next && { nextMilestone: next.name, nextHint: next.hint ?? '', nextUrl: next.url ?? '' }),
    ...(done.length > 0 && { achievements: new Intl.ListFormat(locale).format(done) }),
  }
}

export const createSnippets = ({ playbooks }: { playbooks: Playbooks }): Snippets => ({
  async write(trial, id, rep) {
    const view = viewOf(trial, playbooks.current(trial.workspaceId), rep)
    const lacking = engine
      .globalVariablesSync(parsed[id] ?? [])
      .find((name) => missing[name] && view[name] === undefined)
    if (lacking) return { ok: false, why: missing[lacking] as string }
    return { ok: true, text: String(engine.renderSync(parsed[id] ?? [], view)) }
  },
})
