import { describe, expect, it } from 'vitest'
import { readTemplateFiles } from '../../server/adapters/liquid-renderer.ts'
import { lintSources } from '../../server/features/lint/lint-sources.ts'
import { templatesDir } from '../support/mail-samples.ts'

const { templates } = readTemplateFiles(templatesDir)

/** What is found when this is in one more email. */
const found = (source: string, further: Record<string, string> = {}) =>
  lintSources({ 'emails/x/html': source, ...further }).map(({ check, file }) => `${file} ${check}`)

describe('the templates themselves', () => {
  it('have no fault', () => {
    expect(lintSources(templates)).toEqual([])
  })

  it('print nothing as it is, except in a layout', () => {
    expect(found('{{ person.name | raw }}')).toEqual(['emails/x/html.liquid source-raw'])
    expect(found('{%- assign x = person.name|raw -%}{{ x }}')).toEqual(['emails/x/html.liquid source-raw'])
    expect(lintSources({ 'layouts/base': '{{ product.name | raw }}' })).toEqual([])
    expect(found('{{ "a | raw" }}')).toEqual([])
  })

  it('escape nothing twice', () => {
    expect(found('{{ person.name | upcase | escape }}')).toEqual(['emails/x/html.liquid source-escape'])
    expect(found('{{ person.name | escape_once }}')).toEqual(['emails/x/html.liquid source-escape'])
  })

  it('ask for no fact that no email has, not even with {% if %}', () => {
    expect(found('{% if paidFeatur %}{{ paidFeature.name }}{% endif %}')).toEqual([
      'emails/x/html.liquid source-variable',
    ])
    expect(found('{% if product.price.perr %}x{% endif %}')).toEqual(['emails/x/html.liquid source-variable'])
    expect(found('{% if person.name.first %}x{% endif %}')).toEqual(['emails/x/html.liquid source-variable'])
    const partial = { 'partials/y': '{% if nobody %}x{% endif %}' }
    expect(found("{% render 'partials/y' %}", partial)).toEqual(['emails/x/html.liquid source-variable'])
  })

  it('may ask for all others', () => {
    expect(
      found(
        "{% if offer %}{{ offer.days }}{% endif %}{% for v in values %}{{ v.n }}{% endfor %}{{ values.size }}{{ values[0].n }}{% assign a = lang %}{{ a }}{% render 'partials/y', z: start %}",
        { 'partials/y': '{{ z }}' },
      ),
    ).toEqual([])
  })

  it('can be read', () => {
    expect(found('{% if x %}')).toEqual(['emails/x/html.liquid source-syntax'])
  })
})
