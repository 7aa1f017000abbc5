import type { Command } from 'commander'
import { firstWorkspace, withServices } from './local.ts'
import { exitCodes, print, table } from './output.ts'

export function addAuditCommand(program: Command): void {
  const audit = program.command('audit').description('read the audit log and check that no one changed it')

  audit
    .command('verify')
    .description('walk the hash chain from its first row; exit code 3 when it is broken')
    .option('--json', 'one JSON object on stdout')
    .action(async ({ json }: { json?: boolean }) => {
      const verdict = await withServices((services) => services.audit.verify(firstWorkspace(services).id))
      print(json === true, verdict, () =>
        verdict.intact
          ? `The audit log is intact: ${verdict.rows} rows, head ${verdict.head}.`
          : `The audit log is broken at row ${verdict.at}: ${verdict.why}. ${verdict.rows} rows before it are whole.`,
      )
      if (!verdict.intact) process.exitCode = exitCodes.findings
    })

  audit
    .command('list')
    .description('latest rows, newest first')
    .option('--limit <n>', 'how many', '20')
    .option('--json', 'one JSON object on stdout')
    .action(async ({ limit, json }: { limit: string; json?: boolean }) => {
      const most = Math.min(Math.max(Number.parseInt(limit, 10) || 20, 1), 1000)
      const rows = await withServices((services) =>
        services.audit.list(firstWorkspace(services).id, { limit: most }),
      )
      print(json === true, { rows }, () =>
        table([
          ['no.', 'when', 'who', 'what', 'on'],
          ...rows.map((row) => [String(row.seq), row.at, row.by, row.action, row.subject ?? '']),
        ]),
      )
    })
}
