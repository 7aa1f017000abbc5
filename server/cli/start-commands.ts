import type { Command } from 'commander'
import { createServer } from '../compose.ts'
import { printMadeSecrets, stopOnSignals } from '../start-up.ts'
import { requireConfig } from './local.ts'

export function addStartCommands(program: Command): void {
  program
    .command('start')
    .description('start the server; settings come from the environment, see `trialpace doctor --env-table`')
    .action(async () => {
      const server = await createServer(requireConfig())
      printMadeSecrets(server)
      stopOnSignals(server)
    })
}
