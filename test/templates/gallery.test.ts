import { describe, expect, it } from 'vitest'
import { readTemplateFiles } from '../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../server/adapters/render-worker-engine.ts'
import { lintWritten } from '../../server/features/lint/lint-mail.ts'
import { sampleFacts } from '../../server/features/lint/sample-facts.ts'
import { loadCatalog } from '../../server/locales/catalog.ts'
import { readGallery } from '../../server/locales/gallery.ts'
import { fixtureNames } from '../../shared/api/lint.ts'
import { checkContent } from '../../shared/content/check.ts'
import { languageStates } from '../../shared/content/languages.ts'
import { templatesDir, withLinks } from '../support/mail-samples.ts'

const gallery = readGallery(templatesDir)
const { locales } = loadCatalog(templatesDir)
const render = createRenderMail(readTemplateFiles(templatesDir))

/** What is wrong with it for one kind of reader. */
function findings(
  content: (typeof gallery)[number]['content'],
  locale: string,
  about: Parameters<typeof sampleFacts>[1],
) {
  const view = { ...withLinks(sampleFacts(templatesDir, { ...about, locale })), kind: 'custom' as const }
  const mail = render({ template: 'custom', locale, subject: null, view, content })
  return lintWritten({ ok: true, mail }, view).map(
    ({ level, check, detail }) => `${level} ${check}: ${detail}`,
  )
}

describe('the gallery', () => {
  it('has a dozen emails, each in every language we bring, complete and up to date', () => {
    expect(gallery.length).toBeGreaterThanOrEqual(12)
    for (const { id, content } of gallery) {
      expect(Object.keys(content.texts).toSorted(), id).toEqual(locales.toSorted())
      expect(checkContent(content, { values: [] }), id).toEqual([])
      for (const { locale, isUsed, outdated } of languageStates(content)) {
        expect(isUsed, `${id} ${locale}`).toBe(true)
        expect(outdated, `${id} ${locale}`).toEqual([])
      }
    }
  })

  it.each(gallery)('$id has no fault in any language, whoever reads it', ({ content }) => {
    for (const locale of locales)
      for (const kind of ['upgrade_now', 'onboarding_step', 'trial_ended'] as const)
        for (const fixture of fixtureNames) {
          const found = findings(content, locale, { kind, fixture })
          expect(
            found.filter((finding) => finding.startsWith('error')),
            `${locale} ${kind} ${fixture}`,
          ).toEqual([])
        }
  })

  it.each(gallery)('$id gives no cause for a warning as it normally is', ({ content }) => {
    for (const locale of locales)
      expect(findings(content, locale, { kind: 'upgrade_now', fixture: 'normal' }), locale).toEqual([])
  })
})
