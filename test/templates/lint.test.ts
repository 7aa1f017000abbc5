import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLiquidRenderer, type LiquidRenderer } from '../../server/adapters/liquid-renderer.ts'
import { type LintedMail, lintTemplates } from '../../server/features/lint/lint-templates.ts'
import { mailTexts } from '../../server/features/lint/mail-texts.ts'
import { loadCatalog } from '../../server/locales/catalog.ts'
import { fixtureNames } from '../../shared/api/lint.ts'
import { shippedKinds } from '../../shared/trial.ts'
import { templatesDir } from '../support/mail-samples.ts'

const { locales } = loadCatalog(templatesDir)
/** Of a playbook without rules: each kind once. */
const texts = mailTexts({ messages: [] })
let renderer: LiquidRenderer
const linted: LintedMail[] = []

beforeAll(async () => {
  renderer = createLiquidRenderer({ templatesDir, log: pino({ level: 'silent' }) })
  for await (const mail of lintTemplates({ renderer, templatesDir, texts, locales })) linted.push(mail)
})
afterAll(() => renderer.close())

const complaints = (level: 'error' | 'warning', of: readonly LintedMail[]) =>
  of.flatMap(({ kind, locale, fixture, findings }) =>
    findings
      .filter((finding) => finding.level === level)
      .map(({ check, detail }) => `${kind} ${locale} ${fixture}: ${check}: ${detail}`),
  )

describe('every kind × locale × fixture', () => {
  it('was looked at', () => {
    expect(locales.length).toBeGreaterThanOrEqual(7)
    expect(linted).toHaveLength(shippedKinds.length * locales.length * fixtureNames.length)
  })

  it('has no fault', () => {
    expect(complaints('error', linted)).toEqual([])
  })

  it('gives no cause for a warning as it normally is', () => {
    const normal = linted.filter(({ fixture }) => fixture === 'normal')
    expect(complaints('warning', normal)).toEqual([])
  })
})
