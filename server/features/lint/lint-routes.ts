import * as z from 'zod'
import { messageKinds } from '../../../shared/trial.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { jobSchema } from '../jobs/job-routes.ts'
import type { PlaybookService } from '../playbook/playbook-service.ts'
import { fixtureNames } from './fixtures.ts'
import type { LintService } from './lint-job.ts'

const tag = 'Mails'

export const findingSchema = z
  .object({ level: z.enum(['error', 'warning']), check: z.string(), detail: z.string() })
  .meta({ id: 'Finding', description: 'A check of a mail that did not hold.' })

export const spamCheckSchema = z
  .union([
    z.object({
      state: z.literal('checked'),
      score: z.number().describe('0 to 10, 10 is best.'),
      rules: z.array(z.object({ name: z.string(), points: z.number() })),
    }),
    z.object({ state: z.enum(['not_asked', 'not_set_up', 'unreachable']) }),
  ])
  .meta({ id: 'SpamCheck', description: 'What SpamAssassin says of one mail.' })

const placedFinding = findingSchema.extend({
  kind: z.enum(messageKinds),
  rule: z.string().nullable(),
  locale: z.string(),
  fixture: z.enum(fixtureNames),
  variant: z.int().describe('Index into the subjects of the rule.'),
})

const reportSchema = z
  .object({
    at: z.iso.datetime(),
    playbookVersion: z.int(),
    mails: z.int(),
    errors: z.int(),
    warnings: z.int(),
    spam: z.union([
      z.object({ state: z.literal('checked'), worst: z.number(), kind: z.string(), locale: z.string() }),
      z.object({ state: z.enum(['not_set_up', 'unreachable']) }),
    ]),
    findings: z.array(placedFinding).describe('Errors first, at most 500.'),
    omitted: z.int().describe('How many findings there are beyond these.'),
  })
  .meta({ id: 'LintReport', description: 'The latest check of all mails that came to its end.' })

const templatesSchema = z.object({
  templates: z.array(
    z.object({
      kind: z.enum(messageKinds),
      rules: z.array(z.object({ id: z.string(), subjects: z.array(z.string()), enabled: z.boolean() })),
    }),
  ),
  locales: z.array(z.string()),
  fixtures: z.array(z.enum(fixtureNames)),
})

export interface LintRouteParts {
  readonly lint: LintService
  readonly playbooks: PlaybookService
  readonly locales: readonly string[]
}

/** The kinds of mail there are, and the check of all of them. */
export function lintRoutes({ lint, playbooks, locales }: LintRouteParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/templates',
      id: 'listTemplates',
      tag,
      summary: 'Kinds of mail with the rules that send them; languages and situations to preview them in',
      role: 'rep',
      answers: { 200: { description: 'The kinds', schema: templatesSchema } },
      async handle({ workspace }) {
        const { messages } = playbooks.latest(workspace.id).playbook
        const rulesOf = (kind: (typeof messageKinds)[number]) =>
          messages
            .filter((rule) => rule.kind === kind)
            .map(({ id, subjects }) => ({ id, subjects, enabled: true }))
        return ok({
          templates: messageKinds.map((kind) => ({ kind, rules: rulesOf(kind) })),
          locales,
          fixtures: fixtureNames,
        })
      },
    }),
    route({
      method: 'post',
      path: '/api/lint',
      id: 'startLint',
      tag,
      summary: 'Checks every mail in every language and situation; answers with the job',
      role: 'rep',
      answers: { 202: { description: 'The job; one that runs already is given back', schema: jobSchema } },
      async handle({ workspace, principal }) {
        const job = await lint.start(workspace.id, principal.actor.name)
        return { status: 202, body: job }
      },
    }),
    route({
      method: 'get',
      path: '/api/lint',
      id: 'getLint',
      tag,
      summary: 'What the latest check found',
      role: 'rep',
      answers: {
        200: { description: 'The report', schema: z.object({ report: reportSchema.nullable() }) },
      },
      handle: async ({ workspace }) => ok({ report: await lint.report(workspace.id) }),
    }),
  ]
}
