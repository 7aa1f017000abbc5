import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { type Difference, differences } from '../../shared/sentence/difference.ts'
import { sentenceLanguages } from '../../shared/sentence/languages.ts'
import type { SentenceLanguage } from '../../shared/sentence/words.ts'
import { type ApiOptions, createApiClient } from './api-client.ts'
import { note, print, table } from './output.ts'
import { isFolder, writeFolder } from './playbook-folder.ts'
import { readPlaybook } from './read-playbook.ts'

interface DryRun {
  looked: number
  complete: boolean
  changed: number
  changes: { userId: string; segment: { before: string; after: string }; before: Moment; after: Moment }[]
}
type Moment = { kind: string; at: string | null } | null

const moment = (next: Moment): string => (next ? `${next.kind} ${next.at ?? 'waiting'}` : 'nothing')

const withApi = (command: Command): Command =>
  command
    .option('--url <url>', 'server (default: TRIALPACE_URL, else http://127.0.0.1:PORT)')
    .option('--key <key>', 'secret key (default: TRIALPACE_SECRET_KEY)')
    .option('--json', 'one JSON object on stdout')

const pathHelp = 'a file, or a folder with playbook.json and emails/<rule>.<language>.md'

const removedText = (removed: readonly string[]): string =>
  removed.length === 0 ? '' : `; removed, because the playbook has them no more: ${removed.join(', ')}`

type Options = ApiOptions & { json?: boolean }

export function addPlaybookCommand(program: Command): void {
  const playbook = program
    .command('playbook')
    .description('pull, check, compare and publish the playbook as a file')

  playbook
    .command('validate')
    .description('check a file or folder without a server')
    .argument('<path>', pathHelp)
    .option('--json', 'one JSON object on stdout')
    .action(async (file: string, { json }: Options) => {
      await readPlaybook(file)
      print(json === true, { valid: true }, () => `${file} is valid.`)
    })

  withApi(playbook.command('pull').description('write the published playbook to a file or folder'))
    .argument('<path>', `${pathHelp}; - for stdout`)
    .action(async (file: string, options: Options) => {
      const { body } = await createApiClient(options).call('GET', '/api/playbook')
      const { playbook: published, version } = body as { playbook: unknown; version: number }
      const text = `${JSON.stringify(published, null, 2)}\n`
      if (file !== '-' && (await isFolder(file))) {
        const { written, removed } = await writeFolder(file, published as object)
        note(`Version ${version} is in ${file}: ${written.length} files${removedText(removed)}.`)
        if (options.json) print(true, { version, folder: file, written, removed }, () => '')
        return
      }
      if (file === '-') process.stdout.write(text)
      else await writeFile(file, text)
      note(`Version ${version}${file === '-' ? '' : ` is in ${file}`}.`)
      if (options.json && file !== '-') print(true, { version, file }, () => '')
    })

  withApi(playbook.command('diff').description('what this file says differently, and who would receive what'))
    .argument('<path>', pathHelp)
    .addOption(
      new Option('--language <tag>', 'of the sentences')
        .choices(Object.keys(sentenceLanguages))
        .default('en'),
    )
    .action(async (file: string, options: Options & { language: SentenceLanguage }) => {
      const { written, playbook: wanted } = await readPlaybook(file)
      const api = createApiClient(options)
      const { body: current } = await api.call('GET', '/api/playbook')
      const { body } = await api.call('POST', '/api/playbook/dry-run', { body: written })
      const words = sentenceLanguages[options.language]
      const said = differences((current as { playbook: object }).playbook, wanted, words)
      print(options.json === true, { ...(body as DryRun), differences: said }, () =>
        [...said.map(differenceText), diffText(body as DryRun)].join('\n\n'),
      )
    })

  withApi(playbook.command('push').description('publish a file or folder as the new version'))
    .argument('<path>', pathHelp)
    .option('--note <text>', 'what changed', '')
    .action(async (file: string, options: Options & { note: string }) => {
      const { written } = await readPlaybook(file)
      const api = createApiClient(options)
      const { etag } = await api.call('GET', '/api/playbook')
      const { body } = await api.call('PUT', `/api/playbook?note=${encodeURIComponent(options.note)}`, {
        body: written,
        headers: { 'If-Match': etag ?? '' },
      })
      const { version, job } = body as { version: number; job: { id: string } }
      print(
        options.json === true,
        { version, job: job.id },
        () => `Version ${version} is published; job ${job.id} re-plans every trial.`,
      )
    })
}

/** As `diff` shows it: what is gone, what is new. */
const differenceText = ({ part, rule, change, before, after }: Difference): string =>
  [
    `${part}${rule === null ? '' : ` ${rule}`}: ${change}`,
    ...before.map((text) => `- ${text}`),
    ...after.map((text) => `+ ${text}`),
  ].join('\n')

function diffText({ looked, complete, changed, changes }: DryRun): string {
  const head = `${changed} of ${looked} trialists would get a different email${complete ? '' : ' (not every trialist was checked)'}.`
  if (changes.length === 0) return head
  const rows = changes.map(({ userId, segment, before, after }) => [
    userId,
    segment.before === segment.after ? segment.after : `${segment.before} → ${segment.after}`,
    moment(before),
    '→',
    moment(after),
  ])
  return `${head}\n${table([['user', 'segment', 'now', '', 'then'], ...rows])}`
}
