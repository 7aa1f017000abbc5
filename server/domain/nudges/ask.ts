import { dayMs } from '../../../shared/clock.ts'
import type { NudgeInstance } from '../../../shared/collect.ts'
import { canBuy, nameOfMember } from '../activation/members.ts'
import type { CompiledPlaybook } from '../playbook/compile.ts'
import { upgradeAsked } from '../playbook/upgrade-asked.ts'
import type { Member } from '../trial/company.ts'
import { currentMembers, memberOf } from '../trial/members.ts'
import type { TrackedEvent, Trial } from '../trial/model.ts'
import { bookOf } from './nudge-book.ts'

/** Someone who cannot buy is not pitched to: they can ask a colleague who can, who then hears of it by email. */

/** After asking, for so long a person is not offered to ask again. */
const askAgainAfterMs = 7 * dayMs

/** @returns what to call the one to ask; null: this person may buy, or no one may, or the playbook does not say. */
export function buyerFor({ company, recipient }: Trial, playbook: CompiledPlaybook): string | null {
  if (!company || !recipient || !playbook.playbook.trial.buyer) return null
  const member = memberOf(company, recipient.userId)
  const mayBuy = (each: Member) => canBuy(each, playbook)
  if (member && mayBuy(member)) return null
  const buyer = currentMembers(company).find(([, each]) => mayBuy(each))
  return buyer ? nameOfMember(...buyer) : null
}

/** Whether an email tells the buyer; without one no one would hear of it. */
const isHeard = ({ rules }: CompiledPlaybook): boolean =>
  rules.some(({ anchorOf }) => anchorOf.type === 'event' && anchorOf.name === upgradeAsked)

/** @returns null: the pitch is for this person as it is. */
export function askOf(
  trial: Trial,
  playbook: CompiledPlaybook,
  now: number,
): { readonly buyer: string } | 'silent' | null {
  const buyer = buyerFor(trial, playbook)
  if (buyer === null) return null
  const { company, recipient } = trial
  const member = company && recipient && memberOf(company, recipient.userId)
  const askedAt = member?.usage.counters[upgradeAsked]?.lastAt
  const isTooSoon = askedAt !== undefined && now - askedAt < askAgainAfterMs
  return isHeard(playbook) && !isTooSoon ? { buyer } : 'silent'
}

type Words = readonly [question: (name: string) => string, answer: (name: string) => string]

const words: Readonly<Record<string, Words>> = {
  en: [(name) => `${name} can upgrade for your team.`, (name) => `Ask ${name}`],
  de: [(name) => `${name} kann für Ihr Team upgraden.`, (name) => `${name} fragen`],
  es: [(name) => `${name} puede contratar el plan para tu equipo.`, (name) => `Preguntar a ${name}`],
  fr: [(name) => `${name} peut passer au plan payant pour votre équipe.`, (name) => `Demander à ${name}`],
  vi: [(name) => `${name} có thể nâng cấp cho nhóm của bạn.`, (name) => `Hỏi ${name}`],
  ko: [(name) => `${name} 님이 팀을 위해 업그레이드할 수 있습니다.`, (name) => `${name} 님에게 요청하기`],
  ar: [(name) => `يمكن لـ ${name} الترقية لفريقك.`, (name) => `اطلب من ${name}`],
}

/** As a question of one answer, which every SDK can show: answering it is the asking. */
export function asAsk(instance: NudgeInstance, buyer: string): NudgeInstance {
  const [question, answer] = words[instance.locale.slice(0, 2).toLowerCase()] ?? (words.en as Words)
  return {
    ...instance,
    format: 'survey',
    action: null,
    question: question(buyer),
    answers: [answer(buyer).slice(0, 80)],
  }
}

/** Whether this click asks a colleague to upgrade: only then it comes with an answer. */
export function isUpgradeAsked(
  { company }: Trial,
  nudgeId: string,
  { name, actor, claimed, properties }: TrackedEvent,
  playbook: CompiledPlaybook,
): boolean {
  if (!company || actor === undefined || claimed || name !== 'Nudge Clicked') return false
  if (typeof properties.answer !== 'string') return false
  return bookOf(playbook).server.some(({ rule, isPitch }) => isPitch && rule.id === nudgeId)
}
