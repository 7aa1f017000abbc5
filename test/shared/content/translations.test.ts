import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTranslationCsv, translationCsv } from '../../../server/features/content/translation-csv.ts'
import { csvRecords } from '../../../server/features/imports/csv-records.ts'
import { applyTranslations, translationRows } from '../../../shared/content/translations.ts'
import { emailContentSchema } from '../../../shared/playbook/content.ts'
import { randomContent } from '../../support/random-content.ts'

const content = emailContentSchema.parse({
  format: 'blocks',
  source: 'en',
  blocks: [{ id: 'lead', type: 'text' }],
  texts: {
    en: {
      subject: { text: 'Hello' },
      preheader: { text: 'There' },
      'lead.text': { text: '{{ person.firstName }}, [upgrade](upgrade)', else: 'Welcome' },
    },
    de: { subject: { text: 'Hallo', from: 'other' } },
  },
})
const rules = [{ id: 'hello', content }, { id: 'ours' }]
const rows = translationRows(rules, 'de')
const back = (
  place: string,
  target: string,
  source = rows.find((row) => row.place === place)?.source ?? '',
) => applyTranslations(rules, 'de', [{ email: 'hello', place, source, target }])

describe('words for a translator', () => {
  it('are all texts with their state, and come back as a translation that is up to date', () => {
    expect(rows).toEqual([
      { email: 'hello', place: 'subject', source: 'Hello', target: 'Hallo', state: 'outdated' },
      { email: 'hello', place: 'preheader', source: 'There', target: '', state: 'missing' },
      {
        email: 'hello',
        place: 'lead.text',
        source: '{{ person.firstName }}, [upgrade](upgrade)',
        target: '',
        state: 'missing',
      },
      { email: 'hello', place: 'lead.text else', source: 'Welcome', target: '', state: 'missing' },
    ])
    const full = rows.map((row) => ({ ...row, target: row.source }))
    const { rules: changed, outcomes } = applyTranslations(rules, 'de', full.toReversed())
    expect(outcomes.every(({ outcome }) => outcome === 'taken')).toBe(true)
    expect(translationRows(changed, 'de').every(({ state }) => state === 'translated')).toBe(true)
    expect(applyTranslations(changed, 'de', full).outcomes.map(({ outcome }) => outcome)).toEqual(
      full.map(() => 'unchanged'),
    )
  })

  it.each([
    ['lead.text', '[upgraden](upgrade)', '{{ person.firstName }} is missing.'],
    [
      'lead.text',
      '{{ person.firstName }}, {{ person.company }} [x](upgrade)',
      '{{ person.company }} is not in the source.',
    ],
    ['lead.text', '{{ person.firstName }}, [x](https://evil.example)', '(upgrade) is missing.'],
    ['lead.text else', 'Willkommen', 'Its words are not translated yet.'],
    ['gone.text', 'Hallo', 'The email has no “gone.text”.'],
  ])('are refused at %s: %s', (place, target, why) => {
    const { outcomes, rules: after } = back(place, target)
    expect(outcomes).toEqual([{ email: 'hello', place, outcome: 'refused', why }])
    expect(after).toEqual(rules)
  })

  it('are refused where the source has changed, and left alone where nothing was written', () => {
    expect(back('subject', 'Hallo!', 'Hi').outcomes[0]).toMatchObject({ outcome: 'refused' })
    expect(back('preheader', ' ').outcomes[0]).toMatchObject({ outcome: 'empty' })
    const stray = applyTranslations(rules, 'de', [
      { email: 'ours', place: 'subject', source: 'a', target: 'b' },
    ])
    expect(stray.outcomes[0]).toMatchObject({ outcome: 'refused' })
  })

  it('travel as CSV unchanged, whatever they are, and become no formula', async () => {
    expect(translationCsv([{ ...rows[0], target: '=1+1' } as (typeof rows)[number]])).toContain('"\'=1+1"')
    await fc.assert(
      fc.asyncProperty(
        randomContent(['de']),
        fc.constantFrom('=1', "'=1", '-a', "'x", ' b\n\nc', '"'),
        async (email, odd) => {
          const sent = translationRows([{ id: 'one', content: email }], 'de').map((row) => ({
            ...row,
            target: odd,
          }))
          const read = await readTranslationCsv(translationCsv(sent), csvRecords)
          if (!read.ok) throw new Error(read.why)
          expect(read.rows).toEqual(sent.map(({ state: _, ...row }) => row))
        },
      ),
      { numRuns: 100 },
    )
    const german = 'email;place;source;target\r\nhello;subject;Hello;Hallo, du\r\n'
    expect(await readTranslationCsv(german, csvRecords)).toMatchObject({ rows: [{ target: 'Hallo, du' }] })
    expect(await readTranslationCsv('a,b\n', csvRecords)).toMatchObject({ ok: false, line: 1 })
    expect(await readTranslationCsv('', csvRecords)).toMatchObject({ ok: false })
  })
})
