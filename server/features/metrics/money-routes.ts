import type * as z from 'zod'
import {
  type costSchema,
  moneyApi,
  type moneyQuerySchema,
  type revenueSchema,
} from '../../../shared/api/money.ts'
import { dayMs, isoInstant } from '../../../shared/clock.ts'
import { parseEmailAddress, type TrialId, trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { dayNumber } from '../../domain/metrics/days.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { ProblemError } from '../../http/problem.ts'
import { known } from '../../http/trial-problem.ts'
import { trialOfUser } from '../../storage/mail-owner.ts'
import type { Storage } from '../../storage/port.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { cohortRevenue } from './cohort-revenue.ts'
import { csvHeaders } from './csv.ts'
import type { Currencies } from './currencies.ts'
import { periodOf } from './kpi-routes.ts'
import type { Measures } from './measures.ts'
import type { Money, MoneyEntry, Recorded } from './money.ts'
import { withOwners } from './payment-owners.ts'
import { revenueCsv } from './revenue-csv.ts'
import type { Rollups } from './rollups.ts'
import type { EarlyRevenue } from './unmatched-revenue.ts'

const tag = 'Figures'

export interface MoneyRouteParts {
  readonly storage: Storage
  readonly currencies: Currencies
  readonly money: Money
  readonly measures: Measures
  readonly rollups: Rollups
  readonly early: EarlyRevenue
  readonly audit: AuditLog
  readonly upToDate: () => Promise<void>
  readonly now: () => number
}

type Said = Pick<z.output<typeof costSchema>, 'externalId' | 'at' | 'amountMinor' | 'currency' | 'fxToBase'>

const told = <T extends MoneyEntry>(entry: T) => ({ ...entry, at: isoInstant(entry.at) })

function answer(recorded: Recorded) {
  if (recorded === 'conflict')
    throw new ProblemError('conflict', {
      detail: 'Another entry with this `externalId` has different content.',
    })
  const body = { recorded }
  return recorded === 'new' ? ({ status: 201, body } as const) : ({ status: 200, body } as const)
}

/** What was paid and what was spent; both go into profit and return. */
export const moneyRoutes = (parts: MoneyRouteParts): Route[] => [
  ...revenueRoutes(parts),
  ...unmatchedRoutes(parts),
  ...peopleRevenueRoutes(parts),
  ...costRoutes(parts),
  ...rateRoutes(parts),
]

function revenueRoutes(parts: MoneyRouteParts): Route[] {
  const { money, measures, early, now } = parts
  return [
    route(moneyApi, 'POST /api/revenue', {
      id: 'addRevenue',
      tag,
      summary: 'Record a payment or refund, once per `externalId`',
      role: 'admin',
      problems: ['conflict'],
      async handle({ workspace, body }) {
        const entry = {
          ...(await entryOf(body, workspace.id, parts)),
          type: body.type,
          userId: body.userId ?? null,
        }
        const trialId = await payerOf(body, workspace.id, parts)
        const recorded = await money.addRevenue(workspace.id, entry, trialId)
        const payer = payerIn(body)
        if (trialId) measures.mark(trialId)
        else if (payer && recorded !== 'conflict') await early.note(workspace.id, body.externalId, payer)
        return answer(recorded)
      },
    }),
    route(moneyApi, 'GET /api/revenue', {
      id: 'listRevenue',
      tag,
      summary: 'List payments and refunds of a period, oldest first; as JSON or CSV',
      role: 'admin',
      async handle({ workspace, query: { format, ...query } }) {
        const { from, until } = spanOf(query, now())
        const entries = await money.revenue(workspace.id, from, until)
        const revenue = await withOwners(workspace.id, entries, parts.storage.documents)
        if (format === 'csv') {
          const period = periodOf(query, now())
          const text = revenueCsv(revenue, parts.currencies.base(workspace.id))
          return {
            status: 200,
            headers: csvHeaders(`trialpace-payments-${period.from}-${period.to}`),
            stream: async (response) => void response.end(text),
          }
        }
        return ok({ revenue: revenue.map(told) })
      },
    }),
  ]
}

/** Payments of people who have no trial here (yet). */
function unmatchedRoutes({ early, storage, audit }: MoneyRouteParts): Route[] {
  return [
    route(moneyApi, 'GET /api/revenue/unmatched', {
      id: 'listUnmatchedRevenue',
      tag,
      summary: 'Payments of no one here; each is found when its person appears, or linked by hand',
      role: 'admin',
      async handle({ workspace }) {
        const found = await early.list(workspace.id)
        return ok({
          revenue: found.map(({ entry, userId, emailHint }) => ({
            ...told(entry),
            userId,
            email: emailHint,
          })),
        })
      },
    }),
    route(moneyApi, 'PUT /api/revenue/owners', {
      id: 'linkRevenue',
      tag,
      summary: 'Say by hand whose a payment of no one is',
      role: 'admin',
      problems: ['not-found'],
      async handle({ workspace, principal, body: { externalId, userId }, ip }) {
        const trial = known(await trialOfUser(storage.trials, trialIdOfUser(workspace.id, userId)))
        if (!(await early.link(workspace.id, externalId, trial.id)))
          throw new ProblemError('not-found', { detail: 'There is no such payment of no one.' })
        await audit.write(workspace.id, { by: principal.id, action: 'revenue.link', subject: externalId, ip })
        return { status: 204 }
      },
    }),
  ]
}

/** By trialist, and by the month in which trials began. */
function peopleRevenueRoutes(parts: MoneyRouteParts): Route[] {
  const { money, currencies, storage, now } = parts
  return [
    route(moneyApi, 'GET /api/revenue/cohorts', {
      id: 'listRevenueCohorts',
      tag,
      summary: 'Get revenue by sign-up month: what those trialists have paid so far',
      role: 'analyst',
      async handle({ workspace, query }) {
        await parts.upToDate()
        const cohorts = await cohortRevenue(workspace.id, periodOf(query, now()), parts)
        return ok({ currency: currencies.base(workspace.id), cohorts })
      },
    }),
    route(moneyApi, 'GET /api/trialists/{userId}/revenue', {
      id: 'getTrialistRevenue',
      tag,
      summary: 'Get what one trialist has paid, after refunds',
      role: 'rep',
      async handle({ workspace, params }) {
        const id = trialIdOfUser(workspace.id, params.userId)
        const payments = await money.paymentsOf((await trialOfUser(storage.trials, id))?.id ?? id)
        const totalMinor = payments.reduce((sum, { baseMinor }) => sum + baseMinor, 0)
        return ok({ currency: currencies.base(workspace.id), totalMinor, payments: payments.map(told) })
      },
    }),
  ]
}

function costRoutes(parts: MoneyRouteParts): Route[] {
  const { money, now } = parts
  return [
    route(moneyApi, 'POST /api/costs', {
      id: 'addCost',
      tag,
      summary: 'Record a cost of emails: people, tools, sending, lists',
      role: 'admin',
      problems: ['conflict'],
      handle: async ({ workspace, body }) =>
        answer(
          await money.addCost(workspace.id, {
            ...(await entryOf(body, workspace.id, parts)),
            category: body.category,
            note: body.note,
          }),
        ),
    }),
    route(moneyApi, 'GET /api/costs', {
      id: 'listCosts',
      tag,
      summary: 'List costs of a period, oldest first',
      role: 'admin',
      async handle({ workspace, query }) {
        const { from, until } = spanOf(query, now())
        return ok({ costs: (await money.costs(workspace.id, from, until)).map(told) })
      },
    }),
  ]
}

function rateRoutes({ currencies }: MoneyRouteParts): Route[] {
  const answer = async (workspaceId: WorkspaceId) =>
    ok({
      currency: currencies.base(workspaceId),
      rates: await currencies.rates(workspaceId),
      wanted: await currencies.wanted(workspaceId),
    })
  return [
    route(moneyApi, 'GET /api/rates', {
      id: 'getRates',
      tag,
      summary: 'Get exchange rates into the base currency',
      role: 'analyst',
      handle: ({ workspace }) => answer(workspace.id),
    }),
    route(moneyApi, 'PUT /api/rates', {
      id: 'putRates',
      tag,
      summary:
        'Set all exchange rates; they apply to payments recorded from now on, and to those that waited',
      role: 'admin',
      async handle({ workspace, body }) {
        await currencies.setRates(workspace.id, body.rates)
        return answer(workspace.id)
      },
    }),
  ]
}

function spanOf(query: z.output<typeof moneyQuerySchema>, now: number): { from: number; until: number } {
  const { from, to } = periodOf(query, now)
  return { from: dayNumber(from) * dayMs, until: (dayNumber(to) + 1) * dayMs }
}

/** @throws ProblemError when the currency is another one and no rate is known. */
async function entryOf(
  { externalId, at, amountMinor, currency, fxToBase }: Said,
  workspaceId: WorkspaceId,
  { currencies }: MoneyRouteParts,
): Promise<MoneyEntry> {
  const baseMinor = await currencies.toBase(workspaceId, { amountMinor, currency }, fxToBase)
  if (baseMinor === null)
    throw new ProblemError('invalid-request', {
      detail: `Metrics are in ${currencies.base(workspaceId)}: give \`fxToBase\` with an amount in ${currency}, or set its rate with PUT /api/rates.`,
    })
  return { externalId, at: Date.parse(at), amountMinor, currency, baseMinor }
}

/** As the caller names them; null: not at all. */
function payerIn({ userId, email }: Pick<z.output<typeof revenueSchema>, 'userId' | 'email'>) {
  if (userId !== undefined) return { userId }
  const address = parseEmailAddress(email)
  return address ? { email: address } : null
}

async function payerOf(
  { userId, email }: Pick<z.output<typeof revenueSchema>, 'userId' | 'email'>,
  workspaceId: WorkspaceId,
  { storage }: MoneyRouteParts,
): Promise<TrialId | null> {
  if (userId !== undefined)
    return (await trialOfUser(storage.trials, trialIdOfUser(workspaceId, userId)))?.id ?? null
  const address = parseEmailAddress(email)
  if (!address) return null
  const { trials } = await storage.trials.list({ workspaceId, email: address, sort: 'createdAt', limit: 1 })
  return trials[0]?.id ?? null
}
