import { companionApi } from '../../../shared/api/companion.ts'
import { parseInstant } from '../../../shared/clock.ts'
import { extensionProtocol } from '../../../shared/extension-id.ts'
import { isPublicDomain } from '../../../shared/mailbox.ts'
import type { Trial } from '../../domain/trial/model.ts'
import { ok, type Route, type RouteRequest, route } from '../../http/app-route.ts'
import { callerOf } from '../../http/caller.ts'
import { ProblemError } from '../../http/problem.ts'
import { done, known, refusalProblem, type TrialChange } from '../../http/trial-problem.ts'
import type { Accounts } from '../accounts/account-service.ts'

import type { TrialService } from '../trials/trial-service.ts'
import type { Companion } from './companion-service.ts'
import type { Snippets } from './snippets.ts'

export interface CompanionRouteParts {
  readonly companion: Companion
  readonly trials: TrialService
  readonly accounts: Accounts
  readonly snippets: Snippets
  readonly publicUrl: string
  readonly version: string
}

const tag = 'Gmail companion'
type Request<Body = unknown> = RouteRequest<{ userId: string }, unknown, Body>

export function companionRoutes(parts: CompanionRouteParts): Route[] {
  return [
    wellKnown(parts),
    lookup(parts),
    colleagues(parts),
    ...extensionRoutes(parts),
    ...mailRoutes(parts),
    ...noteRoutes(parts),
  ]
}

const wellKnown = ({ publicUrl, version }: CompanionRouteParts): Route =>
  route(companionApi, 'GET /.well-known/trialpace', {
    id: 'wellKnown',
    tag,
    summary: 'Find out how the companion signs in',
    role: 'none',
    handle: async () =>
      ok({
        product: 'trialpace',
        version,
        protocol: extensionProtocol,
        minProtocol: 1,
        authorizationEndpoint: `${publicUrl}/oauth/authorize`,
        tokenEndpoint: `${publicUrl}/oauth/token`,
        revocationEndpoint: `${publicUrl}/oauth/revoke`,
      }),
  })

const lookup = ({ companion, accounts }: CompanionRouteParts): Route =>
  route(companionApi, 'POST /api/ext/v1/lookup', {
    id: 'lookUpTrialists',
    tag,
    summary: 'Look up which of these addresses are trialists',
    role: 'rep',
    async handle({ workspace, body }) {
      const [found, colleagues] = await Promise.all([
        companion.lookUp(workspace, body.emails),
        accounts.list(workspace.id),
      ])
      return ok({
        ...found,
        ownDomains: ownDomains(colleagues),
        team: [...new Set(colleagues.map(({ name }) => name))].sort(),
      })
    },
  })

const colleagues = ({ companion, trials }: CompanionRouteParts): Route =>
  route(companionApi, 'GET /api/ext/v1/trials/{userId}/colleagues', {
    id: 'companionColleagues',
    tag,
    summary: 'Trialists of the same company: by the domain of their address, or by company or group',
    role: 'rep',
    problems: ['not-found'],
    async handle(request) {
      const trial = known(await trials.get(callerOf(request), request.params.userId))
      return ok(await companion.colleagues(trial))
    },
  })

/** Where everyone can have an address, a domain says nothing about whom one works with. */
const ownDomains = (accounts: readonly { email: string }[]): string[] => [
  ...new Set(
    accounts
      .map(({ email }) => email.slice(email.lastIndexOf('@')))
      .filter((domain) => !isPublicDomain(domain.slice(1))),
  ),
]

/** A refusal because things have moved comes with how they stand now. */
async function withCard(
  companion: Companion,
  trials: TrialService,
  request: Request,
  change: Promise<TrialChange | null>,
): Promise<Trial> {
  const changed = await change
  if (!changed || changed.outcome.ok) return done(changed)
  const problem = refusalProblem(changed.outcome, changed.trial)
  if (problem.type !== 'conflict') throw problem
  const trial = known(await trials.get(callerOf(request), request.params.userId))
  throw new ProblemError('conflict', { ...problem.members, card: await companion.card(trial) })
}

function extensionRoutes({ companion, trials }: CompanionRouteParts): Route[] {
  return [
    route(companionApi, 'POST /api/ext/v1/trials/{userId}/extensions', {
      id: 'companionExtend',
      tag,
      summary: 'Extend a trial; a repeated Idempotency-Key does not extend it twice',
      role: 'rep',
      problems: ['not-found', 'conflict', 'policy-refused', 'idempotency-conflict'],
      async handle(request) {
        const id = request.header('idempotency-key')
        if (!id)
          throw new ProblemError('invalid-request', {
            detail: 'Send an Idempotency-Key.',
            errors: [{ pointer: 'header/idempotency-key', detail: 'is required here' }],
          })
        const { days, until, reason, note, expectedEnd, source } = request.body
        const trial = await withCard(
          companion,
          trials,
          request,
          trials.extend(callerOf(request), request.params.userId, {
            id,
            days,
            until,
            reason,
            note,
            source,
            expectedEnd: expectedEnd === null ? null : parseInstant(expectedEnd),
          }),
        )
        return { status: 201, body: { card: await companion.card(trial), extensionId: id } }
      },
    }),
    route(companionApi, 'DELETE /api/ext/v1/trials/{userId}/extensions/{id}', {
      id: 'companionUndo',
      tag,
      summary: 'Undo an extension, unless an email has already named the new date',
      role: 'rep',
      problems: ['not-found', 'conflict', 'policy-refused'],
      async handle(request) {
        const { userId, id } = request.params
        const trial = await withCard(
          companion,
          trials,
          request,
          trials.undoExtension(callerOf(request), userId, id),
        )
        return ok({ card: await companion.card(trial) })
      },
    }),
  ]
}

function mailRoutes({ companion, trials, snippets: snippetTexts }: CompanionRouteParts): Route[] {
  return [
    route(companionApi, 'POST /api/ext/v1/trials/{userId}/pause', {
      id: 'companionPause',
      tag,
      summary: 'Pause automation until a given time, or resume it with null',
      role: 'rep',
      problems: ['not-found'],
      async handle(request) {
        const { userId } = request.params
        const trial = done(await trials.pause(callerOf(request), userId, request.body.until))
        return ok({ card: await companion.card(trial) })
      },
    }),
    route(companionApi, 'POST /api/ext/v1/trials/{userId}/skip', {
      id: 'companionSkip',
      tag,
      summary: 'Skip the next email of a rule',
      role: 'rep',
      problems: ['not-found', 'conflict'],
      async handle(request) {
        const trial = await withCard(
          companion,
          trials,
          request,
          trials.skipNext(callerOf(request), request.params.userId, request.body.ruleId),
        )
        return ok({ card: await companion.card(trial) })
      },
    }),
    route(companionApi, 'POST /api/ext/v1/trials/{userId}/snippets/{id}', {
      id: 'companionSnippet',
      tag,
      summary: 'Get a text with this person’s own numbers, to insert into a reply',
      role: 'rep',
      problems: ['not-found', 'policy-refused'],
      async handle(request) {
        const trial = known(await trials.get(callerOf(request), request.params.userId))
        const text = await snippetTexts.write(trial, request.params.id, request.principal.actor.name)
        if (!text.ok) throw new ProblemError('policy-refused', { detail: text.why })
        return ok({ text: text.text })
      },
    }),
  ]
}

function noteRoutes({ companion, trials }: CompanionRouteParts): Route[] {
  /** What colleagues wrote stays out of the audit; that they did, and about whom, is in it. */
  const changed = async (
    request: Request,
    action: string,
    change: (trial: Trial) => Promise<{ before?: unknown; after?: unknown }>,
  ) => {
    const { userId } = request.params
    const trial = known(await trials.get(callerOf(request), userId))
    await trials.record(callerOf(request), userId, action, await change(trial))
    return ok({ card: await companion.card(trial) })
  }
  return [
    route(companionApi, 'POST /api/ext/v1/trials/{userId}/notes', {
      id: 'companionNote',
      tag,
      summary: 'Add a note about a person',
      role: 'rep',
      problems: ['not-found'],
      handle: (request) =>
        changed(request, 'trialist.note', async (trial) => ({
          after: { note: await companion.addNote(trial, request.principal.actor.name, request.body.text) },
        })),
    }),
    route(companionApi, 'POST /api/ext/v1/trials/{userId}/owner', {
      id: 'companionOwner',
      tag,
      summary: 'Set who looks after this person',
      role: 'rep',
      problems: ['not-found'],
      handle: (request) =>
        changed(request, 'trialist.owner', async (trial) => ({
          // A name stays out: that there is one is enough.
          before: { hasOwner: (await companion.setOwner(trial, request.body.owner)) !== null },
          after: { hasOwner: request.body.owner !== null },
        })),
    }),
    route(companionApi, 'POST /api/ext/v1/trials/{userId}/reply-label', {
      id: 'companionReplyLabel',
      tag,
      summary: 'Label the last reply',
      role: 'rep',
      problems: ['not-found'],
      handle: (request) =>
        changed(request, 'trialist.reply-label', async (trial) => {
          const { label } = request.body
          const before = await companion.labelReply(trial, request.principal.actor.name, label)
          return { before: { label: before }, after: { label } }
        }),
    }),
  ]
}
