import type { CompiledPlaybook } from '../../server/domain/playbook/compile.ts'
import { compilePlaybook } from '../../server/domain/playbook/compile.ts'
import { newTrial } from '../../server/domain/reducer/reduce.ts'
import type { MemberUsage } from '../../server/domain/trial/company.ts'
import type { Trial } from '../../server/domain/trial/model.ts'
import { type Playbook, type PlaybookInput, playbookSchema } from '../../shared/playbook.ts'
import { trialIdOfCompany } from '../../shared/trial.ts'
import { boardPlaybook } from './board-playbook.ts'
import { workspaceId } from './build-trial.ts'

/** The board playbook for a product whose companies have one trial each. */
export function companyPlaybook(
  change: Partial<PlaybookInput> = {},
  trial: Partial<Playbook['trial']> = {},
): CompiledPlaybook {
  const parsed = playbookSchema.parse({ ...boardPlaybook, ...change })
  return compilePlaybook({ ...parsed, trial: { ...parsed.trial, ...trial, of: 'company' } }, 1)
}

/** Saved once, so that nothing of it is being made any more. */
export const companyTrial = (playbook: CompiledPlaybook, now: number, companyId = 'acme-inc'): Trial => ({
  ...newTrial(
    {
      id: trialIdOfCompany(workspaceId, companyId),
      workspaceId,
      userId: null,
      anonymousId: null,
      companyId,
    },
    playbook,
    now,
  ),
  version: 1,
})

/** All parts of a company’s usage, added up by other means than the product’s. */
export function sumOfParts({ company }: Trial): {
  total: number
  counts: Record<string, number>
  hours: number[]
  firstSeenAt: number
  lastSeenAt: number
} {
  const parts: MemberUsage[] = [
    ...Object.values(company?.members ?? {}).map(({ usage }) => usage),
    ...(company ? [company.others] : []),
  ]
  const counts: Record<string, number> = {}
  for (const { counters } of parts)
    for (const [name, { count }] of Object.entries(counters)) counts[name] = (counts[name] ?? 0) + count
  return {
    total: parts.reduce((sum, { total }) => sum + total, 0),
    counts,
    hours: Array.from({ length: 24 }, (_, hour) =>
      parts.reduce((sum, { hours }) => sum + (hours[hour] ?? 0), 0),
    ),
    firstSeenAt: Math.min(...parts.map(({ firstSeenAt }) => firstSeenAt ?? Number.POSITIVE_INFINITY)),
    lastSeenAt: Math.max(...parts.map(({ lastSeenAt }) => lastSeenAt ?? Number.NEGATIVE_INFINITY)),
  }
}
