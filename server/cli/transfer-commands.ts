import { open } from 'node:fs/promises'
import type { Command } from 'commander'
import { type ApiClient, type ApiOptions, createApiClient } from './api-client.ts'
import { importFile } from './import-file.ts'
import { createProgress, exitCodes, note, print } from './output.ts'

const withApi = (command: Command): Command =>
  command
    .option('--url <url>', 'server (default: TRIALPACE_URL, else http://127.0.0.1:PORT)')
    .option('--key <key>', 'secret key (default: TRIALPACE_SECRET_KEY)')
    .option('--json', 'one JSON object on stdout')

type Options = ApiOptions & { json?: boolean }

type ImportOptions = Options & { restart?: boolean; quiet?: boolean; dryRun?: boolean; undated?: string }

function importWords(result: Awaited<ReturnType<typeof importFile>>): string {
  const { imported, created, rejected, dryRun, emailNow, emailWithinDay, undated } = result
  if (!dryRun) return `${imported} imported, ${rejected.length} refused.`
  return [
    `Nothing was stored. The import would create ${created} people, update ${imported - created} and refuse ${rejected.length} rows.`,
    `It would email ${emailNow} people now, and ${emailWithinDay} more within 24 hours. With --quiet it emails no one.`,
    ...(undated > 0 ? [`${undated} new people have no date: say when they began with --undated.`] : []),
  ].join('\n')
}

export function addTransferCommands(program: Command): void {
  withApi(
    program
      .command('import')
      .description(
        'create or change trialists from a .csv or .ndjson file; resumes where it was interrupted',
      ),
  )
    .argument('<file>', 'columns or fields: userId, email, name, company, timeZone, trial.endsAt, traits.x …')
    .option('--restart', 'start again from the first line')
    .option('--dry-run', 'only say what the import would do, and how many people it would email now')
    .option('--quiet', 'pause all emails to these people until someone resumes them')
    .option(
      '--undated <day>',
      'when new people without a date began: today (they are welcomed), or since when they are here',
    )
    .action(async (file: string, options: ImportOptions) => {
      const { restart = false, quiet = false, dryRun = false, undated } = options
      const result = await importFile(file, createApiClient(options), { restart, quiet, dryRun, undated })
      print(options.json === true, result, () =>
        [
          importWords(result),
          ...result.rejected.slice(0, 50).map(({ line, why }) => `  line ${line}: ${why}`),
        ].join('\n'),
      )
      if (result.rejected.length > 0) process.exitCode = exitCodes.findings
    })

  withApi(program.command('export').description('export every trialist as NDJSON'))
    .argument('<file>', '- for stdout')
    .option('--segment <segment>', 'only this segment')
    .action(async (file: string, options: Options & { segment?: string }) => {
      const written = await exportFile(file, createApiClient(options), options.segment)
      if (file === '-') note(`${written} trialists.`)
      else print(options.json === true, { written, file }, () => `${written} trialists are in ${file}.`)
    })
}

async function exportFile(file: string, api: ApiClient, segment: string | undefined): Promise<number> {
  const out = file === '-' ? null : await open(file, 'w', 0o600)
  const progress = createProgress('export', null)
  let written = 0
  try {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({ limit: '200', sort: 'createdAt' })
      if (segment) query.set('segment', segment)
      if (cursor) query.set('cursor', cursor)
      const { body } = await api.call('GET', `/api/trialists?${query}`)
      const page = body as { trialists: unknown[]; cursor: string | null }
      const text = page.trialists.map((trialist) => `${JSON.stringify(trialist)}\n`).join('')
      if (out) await out.write(text)
      else process.stdout.write(text)
      written += page.trialists.length
      cursor = page.cursor
      progress.step(written)
    }
  } finally {
    await out?.close()
  }
  progress.end(written)
  return written
}
