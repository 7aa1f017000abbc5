import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { type MessageKind, messageKinds } from '../../shared/trial.ts'
import type { LintedMail } from '../features/lint/lint-templates.ts'
import { packageRoot } from '../package-root.ts'
import { CommandError, createProgress, exitCodes, note, print, table } from './output.ts'

interface LintOptions {
  readonly kind?: MessageKind[]
  readonly locale?: string[]
  readonly warnings?: boolean
  readonly json?: boolean
}

export function addLintCommand(program: Command): void {
  program
    .command('lint')
    .description(
      'write every mail in every language and situation and check it; exit code 3 when one has a fault',
    )
    .addOption(new Option('--kind <kind...>', 'only these kinds').choices([...messageKinds]))
    .option('--locale <locale...>', 'only these languages, e.g. en ko')
    .option('--warnings', 'show warnings too')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nWith SPAMD_URL set, SpamAssassin is asked about each mail as well.')
    .action(lint)
}

async function lint({ kind = [...messageKinds], locale, warnings, json }: LintOptions): Promise<void> {
  const { loadCatalog } = await import('../locales/catalog.ts')
  const templatesDir = join(packageRoot, 'templates')
  const known = loadCatalog(templatesDir).locales
  const stranger = locale?.find((each) => !known.includes(each))
  if (stranger)
    throw new CommandError(
      `There are no texts in "${stranger}", only in ${known.join(', ')}.`,
      exitCodes.usage,
    )
  const mails = await lintAll(templatesDir, { kinds: kind, locales: locale ?? known })
  const rows = mails.flatMap((mail) =>
    mail.findings
      .filter(({ level }) => warnings || level === 'error')
      .map(({ level, check, detail }) => [level, mail.kind, mail.locale, mail.fixture, check, detail]),
  )
  const count = (level: string) =>
    mails.reduce((sum, { findings }) => sum + findings.filter((found) => found.level === level).length, 0)
  const summary = { mails: mails.length, errors: count('error'), warnings: count('warning') }
  print(json === true, { ...summary, findings: rows.map(toFinding) }, () =>
    rows.length > 0 ? table([['', 'mail', 'language', 'situation', 'check', ''], ...rows]) : '',
  )
  note(`${summary.mails} mails, ${summary.errors} faults, ${summary.warnings} warnings`)
  if (summary.errors > 0) process.exitCode = exitCodes.findings
}

const toFinding = ([level, kind, locale, fixture, check, detail]: string[]) => ({
  level,
  kind,
  locale,
  fixture,
  check,
  detail,
})

async function lintAll(
  templatesDir: string,
  { kinds, locales }: { kinds: readonly MessageKind[]; locales: readonly string[] },
): Promise<LintedMail[]> {
  const [{ createLiquidRenderer }, { lintTemplates }, { fixtureNames }, { pino }] = await Promise.all([
    import('../adapters/liquid-renderer.ts'),
    import('../features/lint/lint-templates.ts'),
    import('../features/lint/fixtures.ts'),
    import('pino'),
  ])
  const renderer = createLiquidRenderer({ templatesDir, log: pino({ level: 'silent' }) })
  const progress = createProgress('lint', kinds.length * locales.length * fixtureNames.length)
  const mails: LintedMail[] = []
  try {
    for await (const mail of lintTemplates({ renderer, templatesDir, kinds, locales })) {
      mails.push(await withSpamScore(mail))
      progress.step(mails.length)
    }
  } finally {
    await renderer.close()
  }
  progress.end(mails.length)
  return mails
}

/** One score for each text is enough: numbers and names do not change it. */
async function withSpamScore(linted: LintedMail): Promise<LintedMail> {
  const spamdUrl = process.env.SPAMD_URL
  if (!spamdUrl || !linted.mail || linted.fixture !== 'normal') return linted
  const [{ checkSpam }, { createMessageComposer }] = await Promise.all([
    import('../features/lint/spam-check.ts'),
    import('../adapters/smtp-mailer-message.ts'),
  ])
  const found = await checkSpam(linted.mail, { spamdUrl, compose: createMessageComposer(undefined) })
  return { ...linted, findings: [...linted.findings, ...found] }
}
