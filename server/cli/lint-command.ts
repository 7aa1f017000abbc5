import { join } from 'node:path'
import { type Command, Option } from 'commander'
import type { Playbook } from '../../shared/playbook.ts'
import { type MessageKind, messageKinds } from '../../shared/trial.ts'
import type { Finding } from '../features/lint/finding.ts'
import type { SourceFinding } from '../features/lint/lint-sources.ts'
import type { LintedMail } from '../features/lint/lint-templates.ts'
import { packageRoot } from '../package-root.ts'
import type { Camera } from './lint-screenshots.ts'
import { CommandError, createProgress, exitCodes, note, print, table } from './output.ts'

interface LintOptions {
  readonly kind?: MessageKind[]
  readonly locale?: string[]
  readonly playbook?: string
  readonly screenshots?: string
  readonly warnings?: boolean
  readonly json?: boolean
}

export function addLintCommand(program: Command): void {
  program
    .command('lint')
    .description(
      'render and check every email in every language and situation; exit code 3 when one has an error',
    )
    .addOption(new Option('--kind <kind...>', 'only these kinds').choices([...messageKinds]))
    .option('--locale <locale...>', 'only these languages, e.g. en ko')
    .option(
      '--playbook <file>',
      'use the rules, subject lines and facts of this playbook instead of a made-up product’s',
    )
    .option('--screenshots <folder>', 'also take screenshots, light and dark, 320 and 600 px wide')
    .option('--warnings', 'show warnings too')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nWith SPAMD_URL set, SpamAssassin also scores each email.')
    .action(lint)
}

async function lint(options: LintOptions): Promise<void> {
  const { kind = [...messageKinds], warnings, json, screenshots } = options
  const { loadCatalog } = await import('../locales/catalog.ts')
  const templatesDir = join(packageRoot, 'templates')
  const locales = chosenLocales(options.locale, loadCatalog(templatesDir).locales)
  const playbook = options.playbook ? await readPlaybookFile(options.playbook) : undefined
  // Whether pictures can be taken is known before the long part begins.
  const camera = screenshots === undefined ? null : await openCamera(screenshots)
  const { mails, spam, sources, pictures } = await lintAll({
    templatesDir,
    kinds: kind,
    locales,
    playbook,
    camera,
  }).finally(() => camera?.close())
  const all: Row[] = [
    ...sources,
    ...mails.flatMap(({ findings, mail: _, ...place }) =>
      findings.map((finding) => ({ ...finding, ...place })),
    ),
  ]
  const rows = all.filter(({ level }) => warnings || level === 'error')
  const count = (level: string) => all.filter((finding) => finding.level === level).length
  const summary = { mails: mails.length, errors: count('error'), warnings: count('warning'), spam }
  print(json === true, { ...summary, ...pictures, findings: rows }, () =>
    rows.length > 0 ? table([['', 'mail', 'language', 'situation', 'check', ''], ...rows.map(toRow)]) : '',
  )
  if (pictures) note(`${pictures.screenshots} pictures, all of them in ${pictures.sheet}`)
  note(`${summary.mails} emails, ${summary.errors} errors, ${summary.warnings} warnings`)
  if (spam.state === 'checked')
    note(`SpamAssassin: ${spam.worst} of 10 at worst (${spam.kind}, ${spam.locale})`)
  if (summary.errors > 0) process.exitCode = exitCodes.findings
}

type Row = SourceFinding | (Finding & Omit<LintedMail, 'mail' | 'findings'>)

function toRow(row: Row): string[] {
  const { level, check, detail } = row
  if ('file' in row) return [level, row.file, '', '', check, detail]
  const { kind, rule, variant, locale, fixture } = row
  const subject = variant > 0 ? [`subject ${variant + 1}`] : []
  return [level, [kind, ...(rule ? [rule] : []), ...subject].join(' '), locale, fixture, check, detail]
}

function chosenLocales(wished: readonly string[] | undefined, known: readonly string[]): readonly string[] {
  const stranger = wished?.find((each) => !known.includes(each))
  if (stranger)
    throw new CommandError(
      `There are no texts in "${stranger}", only in ${known.join(', ')}.`,
      exitCodes.usage,
    )
  return wished ?? known
}

const readPlaybookFile = async (file: string): Promise<Playbook> => {
  const { readPlaybook } = await import('./read-playbook.ts')
  return (await readPlaybook(file)).playbook
}

async function lintAll({
  templatesDir,
  kinds,
  locales,
  playbook,
  camera,
}: {
  templatesDir: string
  kinds: readonly MessageKind[]
  locales: readonly string[]
  playbook: Playbook | undefined
  camera: Camera | null
}) {
  const parts = await import('./lint-parts.ts')
  const { createLiquidRenderer, createMessageComposer, createSpamCheck, defaultPlaybook } = parts
  const renderer = createLiquidRenderer({ templatesDir, log: parts.silent })
  const checkSpam = createSpamCheck({
    spamdUrl: process.env.SPAMD_URL || null,
    compose: createMessageComposer(undefined),
    now: Date.now,
  })
  const texts = parts.mailTexts(playbook ?? defaultPlaybook, kinds)
  const progress = createProgress('lint', texts.length * locales.length * parts.fixtureNames.length)
  const mails: LintedMail[] = []
  let tally = parts.emptyTally
  try {
    for await (const linted of parts.lintTemplates({ renderer, templatesDir, texts, locales, playbook })) {
      const checked = await parts.withSpam(linted, tally.spam.state === 'unreachable' ? null : checkSpam)
      tally = parts.addToTally(tally, checked)
      if (checked.verdict?.state === 'unreachable')
        note(`SpamAssassin could NOT be asked: ${checked.verdict.why}`)
      mails.push(checked.linted)
      progress.step(mails.length)
    }
  } finally {
    await renderer.close()
  }
  progress.end(mails.length)
  const sources = parts.lintSources(parts.readTemplateFiles(templatesDir).templates)
  return { mails, spam: tally.spam, sources, pictures: camera && (await camera.take(mails)) }
}

async function openCamera(folder: string): Promise<Camera> {
  const shots = await import('./lint-screenshots.ts')
  return shots.openCamera(folder)
}
