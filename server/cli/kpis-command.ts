import type { Command } from 'commander'
import { type ApiOptions, createApiClient } from './api-client.ts'
import { CommandError, createProgress, exitCodes, print } from './output.ts'

interface Job {
  id: string
  state: 'queued' | 'running' | 'done' | 'cancelled' | 'failed'
  done: number
  total: number | null
  error: string | null
}

type Options = ApiOptions & { json?: boolean }

const pollMs = 1000
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export function addKpisCommand(program: Command): void {
  const kpis = program.command('kpis').description('email metrics')

  kpis
    .command('rebuild')
    .description('recalculate all metrics from emails, signals and trials')
    .option('--url <url>', 'server (default: TRIALPACE_URL, else http://127.0.0.1:PORT)')
    .option('--key <key>', 'secret key (default: TRIALPACE_SECRET_KEY)')
    .option('--json', 'one JSON object on stdout')
    .action(async (options: Options) => {
      const api = createApiClient(options)
      let job = (await api.call('POST', '/api/kpis/rebuild')).body as Job
      const progress = createProgress('rebuild', job.total)
      while (job.state === 'queued' || job.state === 'running') {
        progress.step(job.done)
        await pause(pollMs)
        job = (await api.call('GET', `/api/jobs/${job.id}`)).body as Job
      }
      progress.end(job.done)
      if (job.state !== 'done')
        throw new CommandError(`The rebuild was ${job.state}. ${job.error ?? ''}`.trim(), exitCodes.failed)
      print(options.json === true, { rebuilt: job.done }, () => `Recalculated: ${job.done} trials.`)
    })
}
