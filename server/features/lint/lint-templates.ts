import type { FixtureName } from '../../../shared/api/lint.ts'
import { fixtureNames } from '../../../shared/api/lint.ts'
import type { Playbook } from '../../../shared/playbook.ts'
import type { MessageKind } from '../../../shared/trial.ts'
import type { RenderedMail, Renderer } from '../../ports.ts'
import type { Finding } from './finding.ts'
import { lintWritten } from './lint-mail.ts'
import type { MailText } from './mail-texts.ts'
import { sampleFacts, sampleLinks } from './sample-facts.ts'

export interface LintedMail {
  readonly kind: MessageKind
  /** Id; null: no rule sends it. */
  readonly rule: string | null
  readonly variant: number
  readonly locale: string
  readonly fixture: FixtureName
  /** null when it could not be rendered; a finding says why. */
  readonly mail: RenderedMail | null
  readonly findings: readonly Finding[]
}

/** Renders every text × locale × fixture and checks it, one after the other, so that progress can be shown. */
export async function* lintTemplates({
  renderer,
  templatesDir,
  texts,
  locales,
  playbook,
  fixtureNames: names = fixtureNames,
}: {
  renderer: Renderer
  templatesDir: string
  texts: readonly MailText[]
  locales: readonly string[]
  /** Its facts; else those of the invented product of the samples. */
  playbook?: Playbook | undefined
  fixtureNames?: readonly FixtureName[]
}): AsyncGenerator<LintedMail> {
  for (const { kind, rule, variant, subject } of texts)
    for (const locale of locales)
      for (const fixture of names) {
        const facts = sampleFacts(templatesDir, { kind, rule: rule ?? undefined, playbook, fixture, locale })
        const view = { ...facts, links: sampleLinks }
        const answer = await renderer.render({
          template: rule?.template ?? kind,
          locale,
          subject,
          view,
          content: rule?.content,
          brand: playbook?.brand,
        })
        yield {
          kind,
          rule: rule?.id ?? null,
          variant,
          locale,
          fixture,
          mail: answer.ok ? answer.mail : null,
          findings: lintWritten(answer, view),
        }
      }
}
