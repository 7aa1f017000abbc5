import { Command, CommanderError } from 'commander'
import { addAccountsCommand } from './cli/accounts-command.ts'
import { addAuditCommand } from './cli/audit-command.ts'
import { addBackupCommands } from './cli/backup-command.ts'
import { addCapacityCommand } from './cli/capacity-command.ts'
import { addCompaniesCommands } from './cli/companies-command.ts'
import { addDoctorCommand } from './cli/doctor-command.ts'
import { addKeysCommand } from './cli/keys-command.ts'
import { addKpisCommand } from './cli/kpis-command.ts'
import { addLintCommand } from './cli/lint-command.ts'
import { CommandError, exitCodes } from './cli/output.ts'
import { addPlaybookCommand } from './cli/playbook-command.ts'
import { addReleaseCommands } from './cli/release-command.ts'
import { addSimulateCommand } from './cli/simulate-command.ts'
import { addStartCommands } from './cli/start-commands.ts'
import { addTransferCommands } from './cli/transfer-commands.ts'
import { addTranslationsCommand } from './cli/translations-command.ts'
import { version } from './package-root.ts'

const program = new Command('trialpace')
  .description('Converts free trials at the trialist’s own pace.')
  .version(version)
  .showHelpAfterError('(`--help` shows how)')
  .exitOverride()
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 done with findings.')

for (const add of [
  addStartCommands,
  addBackupCommands,
  addDoctorCommand,
  addKeysCommand,
  addAccountsCommand,
  addPlaybookCommand,
  addTranslationsCommand,
  addLintCommand,
  addKpisCommand,
  addReleaseCommands,
  addSimulateCommand,
  addTransferCommands,
  addCompaniesCommands,
  addAuditCommand,
  addCapacityCommand,
])
  add(program)
for (const command of program.commands) command.copyInheritedSettings(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = error instanceof CommandError ? error.exitCode : exitCodes.failed
  }
}
