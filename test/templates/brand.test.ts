import fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLiquidRenderer, type LiquidRenderer } from '../../server/adapters/liquid-renderer.ts'
import { lintWritten } from '../../server/features/lint/lint-mail.ts'
import type { Brand } from '../../shared/playbook/brand.ts'
import { brandSchema } from '../../shared/playbook/brand.ts'
import { shippedKinds } from '../../shared/trial.ts'
import { sampleFacts, templatesDir, withLinks } from '../support/mail-samples.ts'

let renderer: LiquidRenderer
beforeAll(() => {
  renderer = createLiquidRenderer({ templatesDir, log: pino({ level: 'silent' }) })
})
afterAll(() => renderer.close())

const file = `${'a'.repeat(64)}.png`
const logo = { light: { file, width: 560, height: 160 }, width: 140 }

async function write(kind: (typeof shippedKinds)[number], brand: Brand | undefined, locale = 'en') {
  const view = withLinks(sampleFacts(kind))
  const answer = await renderer.render({ template: kind, locale, subject: null, view, brand })
  if (!answer.ok) throw new Error(answer.why)
  return { ...answer.mail, findings: lintWritten(answer, view) }
}

describe('an email in a brand', () => {
  it('shows the logo, from our host, at the size it is to have, and the footer in both versions', async () => {
    const { html, text } = await write('upgrade_now', { logo, footer: ['Made in Leeds & <Hull>'] })
    expect(html).toContain(
      `<img src="https://mail.corkboard.example/brand/${file}" width="140" height="40" alt="Corkboard"`,
    )
    expect(html).toContain('Made in Leeds &amp; &lt;Hull&gt;')
    expect(text).toContain('Made in Leeds & <Hull>')
    expect(html).toContain('class="plate"')
  })

  it('has another logo for dark mode where there is one', async () => {
    const dark = { file: file.replace('a', 'b'), width: 100, height: 100 }
    const { html } = await write('upgrade_now', { logo: { ...logo, dark } })
    expect(html).toContain('class="dark-only"')
    expect(html).toContain(`/brand/${dark.file}" width="140" height="140"`)
    expect(html).not.toContain('class="plate"')
  })

  it('has its colour, its font and its corners', async () => {
    const { html } = await write('upgrade_now', { accent: '#ffd500', font: 'serif', radius: 0 })
    expect(html).toContain('background-color:#ffd500')
    expect(html).toContain('font-family:Charter, Georgia')
    expect(html).not.toMatch(/border-radius:(8|10|12)px/)
    expect(html).not.toContain('#1a5fb4')
    expect(html).not.toContain('#174f97')
  })

  it('is as ours without one', async () => {
    expect((await write('upgrade_now', undefined)).html).toBe((await write('upgrade_now', {})).html)
  })

  it('has no fault, whatever the brand is', async () => {
    const brand = fc
      .record(
        {
          accent: fc.nat(0xffffff).map((n) => `#${n.toString(16).padStart(6, '0')}`),
          font: fc.constantFrom('system', 'sans', 'humanist', 'serif', 'mono'),
          radius: fc.nat(24),
          footer: fc.array(
            fc.string({ minLength: 1, maxLength: 60 }).filter((text) => text.trim() !== ''),
            {
              maxLength: 3,
            },
          ),
          logo: fc.constant(logo),
        },
        { requiredKeys: [] },
      )
      .map((value) => brandSchema.parse(value))
    await fc.assert(
      fc.asyncProperty(
        brand,
        fc.constantFrom(...shippedKinds),
        fc.constantFrom('en', 'ar', 'ko'),
        async (dressed, kind, locale) => {
          const { findings } = await write(kind, dressed, locale)
          expect(findings.filter(({ level }) => level === 'error')).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })
})
