import * as z from 'zod'
import { playbookApi } from '../../../shared/api/playbook.ts'
import { type Playbook, playbookSchema } from '../../../shared/playbook.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { ok, type Route, route } from '../../http/app-route.ts'
import { faultsOf } from '../../http/parse-request.ts'
import { ProblemError } from '../../http/problem.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Job } from '../jobs/job-service.ts'
import type { DryRun } from './dry-run.ts'
import { playbookLimit } from './playbook-limit.ts'
import type { PlaybookService, PlaybookVersion } from './playbook-service.ts'

const tag = 'Playbook'

/** Made once, when first asked for. */
let playbookJsonSchema: Record<string, unknown> | null = null

const etagOf = (version: number): string => `"${version}"`
const shown = (version: PlaybookVersion) => ok(version, { ETag: etagOf(version.version) })

/** @throws ProblemError `invalid-playbook` with a JSON pointer per fault. */
function parsePlaybook(input: unknown) {
  const parsed = playbookSchema.safeParse(input)
  if (parsed.success) return parsed.data
  const errors = faultsOf(parsed.error).slice(0, 100)
  throw new ProblemError('invalid-playbook', {
    detail: `The playbook has ${errors.length} fault(s).`,
    errors,
  })
}

export interface PlaybookRouteParts {
  readonly playbooks: PlaybookService
  readonly audit: AuditLog
  readonly dryRun: DryRun
  /** Whether anyone has a trial in this workspace. */
  readonly hasTrials: (workspaceId: WorkspaceId) => Promise<boolean>
  /** Makes the new playbook take effect on every trial. */
  readonly replan: (workspaceId: WorkspaceId, by: string) => Promise<Job>
}

export function playbookRoutes(parts: PlaybookRouteParts): Route[] {
  const { playbooks, dryRun } = parts
  return [
    route(playbookApi, 'GET /api/playbook', {
      id: 'getPlaybook',
      tag,
      summary: 'Get the published playbook; its version is the ETag',
      role: 'rep',
      handle: async ({ workspace }) => shown(playbooks.latest(workspace.id)),
    }),
    publishRoute(parts),
    route(playbookApi, 'GET /api/playbook/versions', {
      id: 'listPlaybookVersions',
      tag,
      summary: 'List versions, newest first',
      role: 'rep',
      async handle({ workspace, query }) {
        const versions = await playbooks.versions(workspace.id, {
          limit: query.limit,
          ...(query.before !== undefined && { before: query.before }),
        })
        return ok({ versions: versions.map(({ playbook: _, ...head }) => head) })
      },
    }),
    route(playbookApi, 'GET /api/playbook/versions/{version}', {
      id: 'getPlaybookVersion',
      tag,
      summary: 'One version',
      role: 'rep',
      problems: ['not-found'],
      async handle({ workspace, params }) {
        const version = await playbooks.get(workspace.id, params.version)
        if (!version) throw new ProblemError('not-found', { detail: 'There is no such version.' })
        return shown(version)
      },
    }),
    route(playbookApi, 'POST /api/playbook/validate', {
      id: 'validatePlaybook',
      tag,
      summary: 'Check a playbook without publishing it',
      role: 'rep',
      bodyLimit: playbookLimit,
      problems: ['invalid-playbook'],
      handle: async ({ body }) => ok({ playbook: parsePlaybook(body) }),
    }),
    route(playbookApi, 'POST /api/playbook/dry-run', {
      id: 'dryRunPlaybook',
      tag,
      summary: 'Preview the impact: who would receive what under this playbook; nothing is changed',
      role: 'rep',
      bodyLimit: playbookLimit,
      problems: ['invalid-playbook'],
      handle: async ({ workspace, body }) => ok(await dryRun(workspace.id, parsePlaybook(body))),
    }),
    route(playbookApi, 'GET /playbook.schema.json', {
      id: 'playbookSchema',
      tag,
      summary: 'Get the JSON Schema of the playbook, for editors',
      role: 'none',
      handle: async () => {
        playbookJsonSchema ??= z.toJSONSchema(playbookSchema, { io: 'input' })
        return ok(playbookJsonSchema)
      },
    }),
  ]
}

function publishRoute({ playbooks, audit, replan, hasTrials }: PlaybookRouteParts): Route {
  /** Whose trials they are is said of all of them at once, with a preview and a way back. */
  async function refuseSwitch(workspaceId: WorkspaceId, before: Playbook, after: Playbook): Promise<void> {
    if (before.trial.of === after.trial.of || !(await hasTrials(workspaceId))) return
    const detail =
      after.trial.of === 'company'
        ? 'There are people here who each have a trial. Switch them under Settings → Companies (POST /api/company-switch), which moves them into the trials of their companies and publishes `trial.of` for you.'
        : 'There are companies here with one trial each. Take the switch back under Settings → Companies (DELETE /api/company-switch), as long as that is possible.'
    throw new ProblemError('conflict', { detail, currentVersion: playbooks.latest(workspaceId).version })
  }

  return route(playbookApi, 'PUT /api/playbook', {
    id: 'publishPlaybook',
    tag,
    summary: 'Publish a new version; `If-Match` names the version it replaces',
    role: 'admin',
    bodyLimit: playbookLimit,
    problems: ['invalid-playbook', 'conflict'],
    async handle({ workspace, body, query, header, principal, ip }) {
      const before = playbooks.latest(workspace.id)
      const match = /^(?:W\/)?"(\d{1,8})"$/.exec(header('if-match') ?? '')
      if (!match)
        throw new ProblemError('invalid-request', {
          detail: 'Send the version you edited.',
          errors: [
            {
              pointer: 'header/if-match',
              detail: `must be the ETag of GET /api/playbook, now ${etagOf(before.version)}`,
            },
          ],
        })
      const playbook = parsePlaybook(body)
      await refuseSwitch(workspace.id, before.playbook, playbook)
      const published = await playbooks.publish(workspace.id, {
        playbook,
        expected: Number(match[1]),
        by: principal.id,
        note: query.note,
      })
      if (!published)
        throw new ProblemError('conflict', {
          detail: 'Another version was published meanwhile.',
          currentVersion: playbooks.latest(workspace.id).version,
        })
      await audit.write(workspace.id, {
        by: principal.id,
        action: 'playbook.publish',
        before: { version: before.version },
        after: { version: published.version },
        ip,
      })
      const job = await replan(workspace.id, principal.id)
      return ok({ ...published, job }, { ETag: etagOf(published.version) })
    },
  })
}
