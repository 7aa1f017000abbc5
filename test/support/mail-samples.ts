import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MailFacts, type MailView, mailLinks } from '../../shared/mail-view.ts'
import type { MessageKind } from '../../shared/trial.ts'

export const templatesDir = join(import.meta.dirname, '../../templates')

/** The facts a template’s own sample tells. */
export const sampleFacts = (kind: MessageKind): MailFacts =>
  JSON.parse(readFileSync(join(templatesDir, 'emails', kind, 'sample.json'), 'utf8')) as MailFacts

export const withLinks = (facts: MailFacts, tracking = true): MailView => ({
  ...facts,
  links: mailLinks('https://mail.corkboard.example', 'ABEiM0RVZneImaq7zN3u_w', { tracking }),
})
