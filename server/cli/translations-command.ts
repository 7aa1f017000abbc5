import { readFile, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { type ApiOptions, createApiClient } from './api-client.ts'
import { CommandError, exitCodes, note, print } from './output.ts'

interface Read {
  readonly playbook: unknown
  readonly taken: number
  readonly rows: readonly { email: string; place: string; outcome: string; why: string | null }[]
}

type Options = ApiOptions & { language: string; json?: boolean }

const withApi = (command: Command): Command =>
  command
    .requiredOption('--language <tag>', 'of the translation, e.g. de')
    .option('--url <url>', 'server (default: TRIALPACE_URL, else http://127.0.0.1:PORT)')
    .option('--key <key>', 'secret key (default: TRIALPACE_SECRET_KEY)')
    .option('--json', 'one JSON object on stdout')

export function addTranslationsCommand(program: Command): void {
  const translations = program
    .command('translations')
    .description('words of your own emails as a table for translators, and back')

  withApi(translations.command('export').description('write the words as CSV, with their state'))
    .argument('<file>')
    .action(async (file: string, { language, json, ...options }: Options) => {
      const text = await createApiClient(options).text(`/api/content/translations/${language}`)
      await writeFile(file, text)
      print(json === true, { file }, () => `The words are in ${file}.`)
    })

  withApi(
    translations.command('import').description('publish a translated CSV; rows that do not fit are named'),
  )
    .argument('<file>')
    .option('--dry-run', 'only say what would be taken')
    .action(async (file: string, { language, json, dryRun, ...options }: Options & { dryRun?: boolean }) => {
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        throw new CommandError(error instanceof Error ? error.message : String(error), exitCodes.usage)
      })
      const api = createApiClient(options)
      const { etag } = await api.call('GET', '/api/playbook')
      const raw = { text, type: 'text/csv' }
      const { body } = await api.call('POST', `/api/content/translations/${language}`, { raw })
      const { playbook, taken, rows } = body as Read
      const refused = rows.filter(({ outcome }) => outcome === 'refused')
      for (const { email, place, why } of refused) note(`${email} ${place}: ${why}`)
      if (taken > 0 && !dryRun)
        await api.call('PUT', `/api/playbook?note=${encodeURIComponent(`Translation: ${language}`)}`, {
          body: playbook,
          headers: { 'If-Match': etag ?? '' },
        })
      print(
        json === true,
        { taken, refused: refused.length, published: taken > 0 && !dryRun },
        () =>
          `${taken} of ${rows.length} rows ${dryRun ? 'would be' : 'are'} taken, ${refused.length} refused.`,
      )
      if (refused.length > 0) process.exitCode = exitCodes.findings
    })
}
