import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MailFacts, mailLinks } from '../../../shared/mail-view.ts'
import { type MessageKind, messageKinds } from '../../../shared/trial.ts'
import type { RenderedMail, Renderer } from '../../ports.ts'
import { error, type Finding } from './finding.ts'
import { type FixtureName, fixtureNames, fixtures } from './fixtures.ts'
import { lintMail } from './lint-mail.ts'

export interface LintedMail {
  readonly kind: MessageKind
  readonly locale: string
  readonly fixture: FixtureName
  /** null when it could not be rendered; a finding says why. */
  readonly mail: RenderedMail | null
  readonly findings: readonly Finding[]
}

/** As long as a real token and host, because sizes and line lengths count. */
const sampleLinks = mailLinks('https://mail.example.com', 'ABEiM0RVZneImaq7zN3u_w', { tracking: true })

/** Renders every kind × locale × fixture and checks it, one after the other, so that progress can be shown. */
export async function* lintTemplates({
  renderer,
  templatesDir,
  locales,
  kinds = messageKinds,
  fixtureNames: names = fixtureNames,
}: {
  renderer: Renderer
  templatesDir: string
  locales: readonly string[]
  kinds?: readonly MessageKind[]
  fixtureNames?: readonly FixtureName[]
}): AsyncGenerator<LintedMail> {
  for (const kind of kinds) {
    const file = join(templatesDir, 'emails', kind, 'sample.json')
    const facts = JSON.parse(readFileSync(file, 'utf8')) as MailFacts
    for (const locale of locales)
      for (const fixture of names) {
        const view = { ...fixtures[fixture](facts), links: sampleLinks }
        const answer = await renderer.render({ template: kind, locale, subject: null, view })
        yield {
          kind,
          locale,
          fixture,
          mail: answer.ok ? answer.mail : null,
          findings: answer.ok ? lintMail(answer.mail, view) : [error('render', answer.why)],
        }
      }
  }
}
