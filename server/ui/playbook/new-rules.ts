import type { PartId } from '../../../shared/sentence/parts.ts'
import type { Names } from './slot-editor.tsx'

/** A name that no rule of the list has. */
function freshName(base: string, list: readonly unknown[], by: 'id' | 'name'): string {
  const taken = new Set(list.map((rule) => String((rule as Record<string, unknown>)[by])))
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : by === 'id' ? `${base}-${n}` : `${base} ${n}`
    if (!taken.has(name)) return name
  }
}

/** A rule to begin with, valid as it is. */
export function newRule(part: PartId, list: readonly unknown[], names: Names): unknown {
  const event = names.event?.[0] ?? 'Event'
  switch (part) {
    case 'messages':
      return {
        id: freshName('new-email', list, 'id'),
        kind: 'onboarding_step',
        class: 'onboarding',
        anchor: 'trialStart',
        offset: '2d',
        when: { segment: ['exploring'] },
        window: 'default',
        sendTime: 'fixed',
        maxLateness: '1d',
        priority: 30,
        repeat: 'once',
        cap: 1,
        subjects: [],
        sender: 'product',
        goal: 'activation',
        quotesEnd: false,
      }
    case 'nudges':
      return {
        id: freshName('new-nudge', list, 'id'),
        format: 'slideout',
        on: 'any',
        when: { status: ['trialing'] },
        decide: 'server',
        content: { title: 'A short title', body: '', dismiss: 'Not now', answers: [] },
        translations: {},
        priority: 50,
        maxShows: 3,
        snooze: '1d',
        holdoutShare: 0,
      }
    case 'milestones':
      return { name: freshName('New milestone', list, 'name'), event, threshold: 1 }
    default:
      return {
        when: { trait: { path: 'email', endsWith: ['@example.com'] } },
        segment: 'unqualified',
        why: 'Not a customer we serve',
      }
  }
}

/** The same rule under another name. */
export function copiedRule(rule: unknown, list: readonly unknown[], by: 'id' | 'name' | null): unknown {
  const copy = structuredClone(rule) as Record<string, unknown>
  return by ? { ...copy, [by]: freshName(String(copy[by]), list, by) } : copy
}
