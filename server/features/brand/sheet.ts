import type { sheetParts } from '../../../shared/api/brand.ts'
import { mailLinks } from '../../../shared/mail-view.ts'
import type { Brand } from '../../../shared/playbook/brand.ts'
import type { Playbook } from '../../../shared/playbook.ts'
import type { Workspace } from '../../domain/workspace.ts'
import type { Renderer } from '../../ports.ts'
import type { SamplePage } from '../email-tracking/sample-page.ts'
import type { EmailSamples } from '../lint/lint-feature.ts'
import type { Playbooks } from '../playbook/playbooks.ts'

export interface SheetParts {
  readonly playbooks: Playbooks
  readonly renderer: Renderer
  readonly samples: EmailSamples
  readonly samplePage: SamplePage
  readonly publicUrl: string
  readonly now: () => number
}

interface Asked {
  readonly part: (typeof sheetParts)[number]
  /** null: that of the published playbook. */
  readonly brand: Brand | null
  readonly locale: string | undefined
}

/** @returns HTML; null when the email cannot be written. */
export type Sheet = (workspace: Workspace, asked: Asked) => Promise<string | null>

/** Shows everything: numbers, a price, a button, a story where there is one. */
const sampleEmail = 'upgrade_now'

export function createSheet({ playbooks, renderer, samples, samplePage, publicUrl, now }: SheetParts): Sheet {
  async function email(playbook: Playbook, brand: Brand | undefined, locale: string): Promise<string | null> {
    const facts = samples.facts({ kind: sampleEmail, playbook, locale }, now())
    const links = mailLinks(publicUrl, 'preview'.padEnd(22, '0'), { tracking: false })
    const rule = playbook.messages.find((message) => message.kind === sampleEmail)
    const written = await renderer.render({
      template: rule?.template ?? sampleEmail,
      content: rule?.content,
      locale,
      subject: null,
      view: { ...facts, links },
      brand,
    })
    return written.ok ? written.mail.html : null
  }

  return async (workspace, asked) => {
    const { playbook } = playbooks.current(workspace.id)
    const brand = asked.brand ?? playbook.brand
    const locale = asked.locale ?? playbook.product.locale
    return asked.part === 'email'
      ? email(playbook, brand, locale)
      : samplePage(asked.part, { ...playbook, brand }, { locale, now: now() })
  }
}
