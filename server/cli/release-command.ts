import type { Command } from 'commander'
import type { AnswerOf } from '../../shared/api/endpoints.ts'
import { sendingModes } from '../../shared/sending.ts'
import { type ApiOptions, createApiClient } from './api-client.ts'
import { CommandError, exitCodes, print } from './output.ts'

type Sending = AnswerOf<'GET /api/workspace/sending'>
type Preview = AnswerOf<'GET /api/workspace/release'>
type Options = ApiOptions & { json?: boolean }

const withServer = (command: Command): Command =>
  command
    .option('--url <url>', 'server (default: TRIALPACE_URL, else http://127.0.0.1:PORT)')
    .option('--key <key>', 'secret key (default: TRIALPACE_SECRET_KEY)')
    .option('--json', 'one JSON object on stdout')

/** Nothing is sent to anyone before a person releases the workspace. */
export function addReleaseCommands(program: Command): void {
  withServer(
    program
      .command('release')
      .description('release the workspace: from then on emails go to people')
      .option('--preview', 'only say who would get an email now, and what is missing')
      .option('--anyway', 'also when something needed is missing'),
  ).action(async (options: Options & { preview?: boolean; anyway?: boolean }) => {
    const api = createApiClient(options)
    if (options.preview) {
      const preview = (await api.call('GET', '/api/workspace/release')).body as Preview
      const sending = (await api.call('GET', '/api/workspace/sending')).body as Sending
      print(options.json === true, { ...preview, sending }, () =>
        [previewText(preview), ...gapLines(sending)].join('\n'),
      )
      return
    }
    const body = { anyway: options.anyway === true }
    const sending = (await api.call('POST', '/api/workspace/release', { body })).body as Sending
    print(options.json === true, sending, () => stateText(sending))
  })

  withServer(
    program
      .command('sending')
      .description('show or set where emails go: to people, to one test address, or nowhere')
      .argument('[mode]', sendingModes.join(', '))
      .argument('[address]', 'with test: where every email goes'),
  ).action(async (mode: string | undefined, address: string | undefined, options: Options) => {
    if (mode !== undefined && !(sendingModes as readonly string[]).includes(mode))
      throw new CommandError(`The mode is one of ${sendingModes.join(', ')}.`, exitCodes.usage)
    const api = createApiClient(options)
    const { body } = mode
      ? await api.call('PUT', '/api/workspace/sending', {
          body: { mode, ...(address !== undefined && { testAddress: address }) },
        })
      : await api.call('GET', '/api/workspace/sending')
    const sending = body as Sending
    print(options.json === true, sending, () => [stateText(sending), ...gapLines(sending)].join('\n'))
  })
}

function previewText({ people, kinds, late, complete }: Preview): string {
  const each = Object.entries(kinds).map(([kind, count]) => `${kind} ${count}`)
  const list = each.length > 0 ? ` (${each.join(', ')})` : ''
  return [
    `${complete ? '' : 'At least '}${people} people would get an email now${list}.`,
    ...(late > 0 ? [`${late} held emails have come too late to be useful and would be dropped.`] : []),
  ].join('\n')
}

const gapLines = ({ releasedAt, gaps }: Sending): string[] =>
  releasedAt === null
    ? gaps.map(({ needed, detail, fix }) => `${needed ? '✗' : '!'} ${detail}\n    ${fix}`)
    : []

function stateText({ held, mode, testAddress }: Sending): string {
  if (held !== null) return `No email goes to anyone: ${held}.`
  return mode === 'test' ? `Every email goes to ${testAddress}.` : 'Emails go to people.'
}
