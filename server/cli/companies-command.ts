import type { Command } from 'commander'
import type { AnswerOf } from '../../shared/api/endpoints.ts'
import { type ApiClient, type ApiOptions, createApiClient } from './api-client.ts'
import { createProgress, exitCodes, note, print } from './output.ts'

type Options = ApiOptions & { json?: boolean }
type State = AnswerOf<'GET /api/company-switch'>
type Preview = AnswerOf<'POST /api/company-switch/preview'>

const lookEveryMs = 500
const shownLooks = 50

/** From a trial for each person to one for each company. */
export function addCompaniesCommands(program: Command): void {
  const companies = program
    .command('companies')
    .description('switch from a trial for each person to one for each company')
  const sub = (name: string, description: string) =>
    companies
      .command(name)
      .description(description)
      .option('--url <url>', 'server (default: TRIALPACE_URL, else http://127.0.0.1:PORT)')
      .option('--key <key>', 'secret key (default: TRIALPACE_SECRET_KEY)')
      .option('--json', 'one JSON object on stdout')
  const byTrait = (command: Command) =>
    command.option('--trait <name>', 'the trait that names the company of a person', 'groupId')

  byTrait(sub('preview', 'say how many people would become how many companies; nothing is changed')).action(
    async ({ trait, ...options }: Options & { trait: string }) => {
      const { body } = await createApiClient(options).call('POST', '/api/company-switch/preview', {
        body: { trait },
      })
      const preview = body as Preview
      print(options.json === true, preview, () => previewText(preview))
      if (preview.unclear > 0) process.exitCode = exitCodes.findings
    },
  )
  byTrait(sub('switch', 'move the people into their companies')).action(
    async ({ trait, ...options }: Options & { trait: string }) => {
      const api = createApiClient(options)
      await api.call('POST', '/api/company-switch', { body: { trait } })
      await follow(api, options)
    },
  )
  sub('undo', 'take the switch back, as long as no email has gone to a company').action(
    async (options: Options) => {
      const api = createApiClient(options)
      await api.call('DELETE', '/api/company-switch')
      await follow(api, options)
    },
  )
  sub('status', 'say who has a trial, and how far a switch is').action(async (options: Options) => {
    const state = (await createApiClient(options).call('GET', '/api/company-switch')).body as State
    print(options.json === true, state, () => stateText(state))
  })
}

async function follow(api: ApiClient, { json }: Options): Promise<void> {
  let progress: ReturnType<typeof createProgress> | null = null
  for (;;) {
    const state = (await api.call('GET', '/api/company-switch')).body as State
    const job = state.last?.job
    progress ??= createProgress('trials', job?.total ?? null)
    if (job?.state === 'queued' || job?.state === 'running') {
      progress.step(job.done)
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
      continue
    }
    progress.end(job?.done ?? 0)
    if (job && job.state !== 'done') {
      note(`It stopped (${job.error ?? job.state}). Run the command again and it goes on.`)
      process.exitCode = exitCodes.failed
    }
    return print(json === true, state, () => stateText(state))
  }
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`

function previewText({ joining, companies, alone, unclear, look, complete }: Preview): string {
  return [
    `${complete ? '' : 'At least '}${count(joining, 'person becomes', 'people become')} ${count(companies, 'company', 'companies')}; ${count(alone, 'keeps', 'keep')} their own trial${unclear > 0 ? `; ${count(unclear, 'needs', 'need')} a look` : ''}.`,
    ...look
      .slice(0, shownLooks)
      .map(({ userId, companyId, why }) => `  ${userId ?? `company ${companyId}`}: ${why}`),
  ].join('\n')
}

const stateText = ({ of, trialists, undo }: State): string =>
  [
    `${of === 'company' ? 'Companies have one trial' : 'Each person has a trial'}; ${count(trialists, 'trial', 'trials')} in all.`,
    ...(of === 'company' && undo.possible ? ['The switch can be taken back.'] : []),
  ].join('\n')
