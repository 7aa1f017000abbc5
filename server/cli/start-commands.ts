import type { Command } from 'commander'
import { printMadeSecrets, printSetup, stopOnSignals } from '../compose/start-up.ts'
import { startSmall } from '../start-small.ts'
import { requireConfig } from './local.ts'

/** The server and the demo are loaded by their own commands only, so that the others answer at once. */
export function addStartCommands(program: Command): void {
  program
    .command('start')
    .description('start the server; settings come from the environment, see `trialpace doctor --env-table`')
    .action(async () => {
      const config = requireConfig()
      const server = await startSmall(async () => {
        const { createServer } = await import('../compose/server.ts')
        return createServer(config)
      })
      printMadeSecrets(server)
      printSetup(server)
      stopOnSignals(server)
    })

  program
    .command('demo')
    .description('start a server with a sample product, a catch-all inbox and a movable clock')
    .option('--keep', 'continue with the data and the time of the last kept demo')
    .action(async ({ keep }: { keep?: boolean }) => {
      const demo = await import('../demo/main.ts')
      await demo.main(keep ? ['--keep'] : [])
    })
}
