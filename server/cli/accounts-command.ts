import type { Command } from 'commander'
import { requireConfig, withServices } from './local.ts'
import { CommandError, note, print } from './output.ts'

/** Works on the database, so that someone who is locked out gets in again without a mail server. */
export function addAccountsCommand(program: Command): void {
  const accounts = program.command('accounts').description('people who may sign in to the dashboard')

  accounts
    .command('reset-link')
    .description('make a link by which someone chooses a new password; it works once, for 30 minutes')
    .argument('<address>', 'email address of the account')
    .option('--json', 'one JSON object on stdout')
    .action(async (address: string, { json }: { json?: boolean }) => {
      const config = requireConfig()
      await withServices(async ({ accounts: all, resets, audit }) => {
        const account = await all.byEmail(address)
        if (!account) throw new CommandError('No account has this address.')
        const { resetUrl } = await import('./local-parts.ts')
        const url = resetUrl(
          config.publicUrl ?? `http://localhost:${config.port}`,
          await resets.begin(account),
        )
        await audit.write(account.workspaceId, {
          by: 'cli',
          action: 'account.resetLink',
          subject: account.id,
        })
        print(json === true, { url }, () => url)
        note('Hand it over to no one but them: it is shown this once, works once and ends after 30 minutes.')
      }, config)
    })
}
