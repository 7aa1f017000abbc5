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

  program
    .command('demo')
    .description('start a server with a sample product, a caught-all inbox and a movable clock')
    .option('--keep', 'go on with the data and the time of the last demo that was kept')
    .action(async ({ keep }: { keep?: boolean }) => {
      // Only here, so that no other command loads the sample product.
      const demo = await import('../demo/main.ts')
      await demo.main(keep ? ['--keep'] : [])
    })
}
