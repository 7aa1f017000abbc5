import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { type ApiOptions, createApiClient } from './api-client.ts'
import { CommandError, exitCodes, print, table } from './output.ts'

interface Simulated {
  complete: boolean
  timeline: { at: string; kind: string; ruleId: string; outcome: string; why: string }[]
}

export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('simulate what a person would get and when; nothing is stored or sent')
    .argument('<who>', 'user id, or a .json file as POST /api/simulate takes it')
    .option('--days <n>', 'how far to look ahead', '30')
    .option('--url <url>', 'server (default: TRIALPACE_URL, else http://127.0.0.1:PORT)')
    .option('--key <key>', 'secret key (default: TRIALPACE_SECRET_KEY)')
    .option('--json', 'one JSON object on stdout')
    .action(async (who: string, options: ApiOptions & { days: string; json?: boolean }) => {
      const body = who.endsWith('.json')
        ? await readRequest(who)
        : { userId: who, days: Number(options.days) }
      const answer = await createApiClient(options).call('POST', '/api/simulate', { body })
      const { timeline, complete } = answer.body as Simulated
      print(options.json === true, answer.body, () =>
        timeline.length === 0
          ? 'Nothing would be sent.'
          : table([
              ['when', 'mail', 'outcome', 'why'],
              ...timeline.map((line) => [line.at, line.kind, line.outcome, line.why]),
              ...(complete ? [] : [['…', '', '', 'cut off here']]),
            ]),
      )
    })
}

async function readRequest(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new CommandError(
      `${file}: ${error instanceof Error ? error.message : String(error)}`,
      exitCodes.usage,
    )
  }
}
