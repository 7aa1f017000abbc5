import type * as z from 'zod'
import { cursorPattern, type suppressionSchema, suppressionsApi } from '../../../shared/api/suppressions.ts'
import { isoInstant } from '../../../shared/clock.ts'
import { isAtLeast } from '../../../shared/roles.ts'
import type { SuppressionReason } from '../../../shared/trial.ts'
import { releaseAt } from '../../domain/trial/suppression.ts'
import { ok, type Route, type RouteRequest, route } from '../../http/app-route.ts'
import { pseudonym } from '../../http/caller.ts'
import { ProblemError } from '../../http/problem.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { MailStop, StoppedAddress } from './mail-stop.ts'
import type { SuppressionPlace, Suppressions } from './suppression-list.ts'

const tag = 'Deliverability'

/** The person’s own word: only an admin may go back on it, and has to say why. */
const isObjection = (why: SuppressionReason): boolean => why === 'complaint' || why === 'unsubscribed'

const suppressionView = (stopped: StoppedAddress): z.input<typeof suppressionSchema> => {
  const until = releaseAt(stopped)
  return {
    id: stopped.hash,
    address: stopped.address,
    reason: stopped.reason,
    since: isoInstant(stopped.at),
    until: until === null ? null : isoInstant(until),
    liftedBy: isObjection(stopped.reason) ? 'admin' : 'rep',
    trialists: stopped.trials.map(({ userId, person: { name, email } }) => ({ userId, name, email })),
  }
}
const cursorOf = ({ at, hash }: SuppressionPlace): string => `${at}.${hash}`
const placeOf = (cursor: string): SuppressionPlace => {
  const [, at, hash = ''] = cursorPattern.exec(cursor) ?? []
  return { at: Number(at), hash }
}

export interface SuppressionRouteParts {
  readonly mailStop: MailStop
  readonly suppressions: Suppressions
  readonly audit: AuditLog
}

/** Addresses that get no email. What is changed here is changed on every trial that has the address. */
export function suppressionRoutes(parts: SuppressionRouteParts): Route[] {
  const { mailStop, suppressions } = parts
  return [
    route(suppressionsApi, 'GET /api/suppressions', {
      id: 'listSuppressions',
      tag,
      summary: 'List the suppression list, newest first; or look up one address',
      role: 'rep',
      async handle({ workspace: { id }, query }) {
        const after = query.cursor === undefined ? undefined : placeOf(query.cursor)
        const page = await suppressions.list(id, {
          limit: query.limit,
          ...(after && { after }),
          ...(query.reason && { reason: query.reason }),
        })
        const keys = query.address ? [query.address] : page.entries.map(({ hash }) => hash)
        const found = await Promise.all(keys.map((key) => mailStop.find(id, key)))
        return ok({
          suppressions: found.flatMap((stopped) => (stopped ? [suppressionView(stopped)] : [])),
          counts: page.counts,
          cursor: page.next && !query.address ? cursorOf(page.next) : null,
        })
      },
    }),
    ...changeRoutes(parts),
  ]
}

function changeRoutes({ mailStop, audit }: SuppressionRouteParts): Route[] {
  const audited = (
    { workspace, principal, ip }: RouteRequest<unknown, unknown, unknown>,
    action: string,
    { hash, reason: why, trials, address }: StoppedAddress,
    note: string | null,
  ) =>
    audit.write(workspace.id, {
      by: principal.id,
      action,
      subject: pseudonym(workspace, `suppression:${hash}`),
      after: {
        reason: why,
        note,
        trialists: trials.flatMap(({ userId }) => (userId === null ? [] : [pseudonym(workspace, userId)])),
      },
      about: [
        address ?? '',
        ...trials.flatMap(({ person, userId }) => [person.name ?? '', person.email ?? '', userId ?? '']),
      ],
      ip,
    })

  return [
    route(suppressionsApi, 'POST /api/suppressions', {
      id: 'addSuppression',
      tag,
      summary:
        'Add an address to the suppression list; use a reason other than `manual` to take over a list from another system',
      role: 'rep',
      async handle(request) {
        const { workspace, body } = request
        const before = await mailStop.find(workspace.id, body.address)
        await mailStop.block(workspace.id, body.address, body.reason)
        const stopped = await mailStop.find(workspace.id, body.address)
        if (!stopped) throw new ProblemError('conflict', { detail: 'It was removed at the same moment.' })
        const isSame = before?.reason === stopped.reason
        if (!isSame) await audited(request, 'suppression.add', stopped, null)
        const view = suppressionView(stopped)
        return isSame ? { status: 200, body: view } : { status: 201, body: view }
      },
    }),
    route(suppressionsApi, 'DELETE /api/suppressions/{id}', {
      id: 'liftSuppression',
      tag,
      summary:
        'Remove an address from the suppression list; after an unsubscribe or a complaint only an admin can, with a note',
      role: 'rep',
      problems: ['forbidden', 'not-found'],
      async handle(request) {
        const { workspace, principal, params, query } = request
        const stopped = await mailStop.find(workspace.id, params.id)
        if (!stopped)
          throw new ProblemError('not-found', { detail: 'That address is not on the suppression list.' })
        if (isObjection(stopped.reason)) {
          if (!isAtLeast(principal.role, 'admin'))
            throw new ProblemError('forbidden', {
              detail: 'This person objected themselves, so only an admin can remove them.',
            })
          if (query.note === undefined)
            throw new ProblemError('invalid-request', {
              detail: 'Say in `note` how you know that the person wants emails again.',
              errors: [{ pointer: 'query/note', detail: 'is needed' }],
            })
        }
        await mailStop.release(workspace.id, stopped)
        await audited(request, 'suppression.lift', stopped, query.note ?? null)
        return { status: 204 }
      },
    }),
  ]
}
