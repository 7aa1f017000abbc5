import { pino } from 'pino'

/** What `trialpace lint` needs, loaded only when it runs. */
export { fixtureNames } from '../../shared/api/lint.ts'
export { createLiquidRenderer, readTemplateFiles } from '../adapters/liquid-renderer.ts'
export { createMessageComposer } from '../adapters/smtp-mailer-message.ts'
export { defaultPlaybook } from '../domain/playbook/default.ts'
export { withSpam } from '../features/lint/ask-spam.ts'
export { addToTally, emptyTally } from '../features/lint/lint-report.ts'
export { lintSources } from '../features/lint/lint-sources.ts'
export { lintTemplates } from '../features/lint/lint-templates.ts'
export { mailTexts } from '../features/lint/mail-texts.ts'
export { createSpamCheck } from '../features/lint/spam-check.ts'

export const silent = pino({ level: 'silent' })
