import { describe, expect, it } from 'vitest'
import { checkContent } from '../../../shared/content/check.ts'
import type { BlockContent, Words } from '../../../shared/playbook/content.ts'
import type { MessageKind } from '../../../shared/trial.ts'

const email = (words: Record<string, Words> = {}, more: Partial<BlockContent> = {}): BlockContent => ({
  format: 'blocks',
  source: 'en',
  layout: 'designed',
  blocks: [
    { id: 'lead', type: 'text', style: 'normal' },
    { id: 'go', type: 'button', to: 'upgrade' },
  ],
  texts: {
    en: {
      subject: { text: 'Hello' },
      preheader: { text: 'There' },
      'lead.text': { text: 'Hi {{ person.firstName }}', else: 'Hi' },
      'go.label': { text: 'Go' },
      ...words,
    },
  },
  ...more,
})
const lead = (text: string, otherwise?: string) =>
  email({ 'lead.text': { text, ...(otherwise !== undefined && { else: otherwise }) } })
const found = (content: BlockContent): string[] =>
  checkContent(content, { values: ['hours'] }).map(({ check, block, field }) => `${check} ${block}.${field}`)

describe('content', () => {
  it('without a fault has none', () => {
    expect(found(email())).toEqual([])
    expect(found(lead('**{{ value.hours | upfirst }}** [x](extend) [y](https://a.example)', ''))).toEqual([])
  })

  it('need say nothing else where everyone has what it names', () => {
    const content = lead('Your trial ends on {{ trial.endsAt | weekday }}')
    const checks = (kind: MessageKind) =>
      checkContent(content, { values: [], kind }).map(({ check }) => check)
    expect(checks('expiring_activated')).toEqual([])
    expect(checks('welcome')).toEqual(['content-else'])
  })

  it.each<[string, BlockContent]>([
    ['content-variable lead.text', lead('{{ person.nickname }}', '')],
    ['content-variable lead.text', lead('{{ value.minutes }}', '')],
    ['content-variable lead.text', lead('{{ (1..9) }}', '')],
    ['content-filter lead.text', lead('{{ trial.endsAt | json }}', '')],
    ['content-braces lead.text', lead('Hi {{ person.firstName')],
    ['content-tag lead.text', lead('{% if x %}y{% endif %}')],
    ['content-link lead.text', lead('[x](http://a.example)')],
    ['content-link lead.text', lead('[x](javascript:alert)')],
    ['content-link-words lead.text', lead('[](upgrade)')],
    ['content-mark lead.text', lead('**never closed')],
    ['content-tags lead.text', lead('a <b>b</b>')],
    ['content-else lead.text', lead('Hi {{ person.firstName }}')],
    ['content-else-same lead.text', lead('Hi {{ person.firstName }}', '{{ person.firstName }}')],
    ['content-link-here go.label', email({ 'go.label': { text: '[x](upgrade)' } })],
    ['content-line go.label', email({ 'go.label': { text: 'a\nb' } })],
    ['content-empty go.label', email({ 'go.label': { text: ' ' } })],
    ['content-empty null.subject', email({ subject: { text: '' } })],
    ['content-stray null.null', email({ 'gone.text': { text: 'x' } })],
    [
      'content-no-address go.url',
      email(
        {},
        {
          blocks: [
            { id: 'lead', type: 'text', style: 'normal' },
            { id: 'go', type: 'button', to: 'url' },
          ],
        },
      ),
    ],
    [
      'content-needs lead.null',
      email(
        {},
        {
          blocks: [
            { id: 'lead', type: 'text', style: 'normal', needs: ['luck'] },
            { id: 'go', type: 'button', to: 'upgrade' },
          ],
        },
      ),
    ],
    [
      'content-value v.null',
      email(
        {},
        { blocks: [...email().blocks, { id: 'v', type: 'values', only: ['minutes'], quotas: false }] },
      ),
    ],
    [
      'content-id go.null',
      email({}, { blocks: [...email().blocks, { id: 'go', type: 'button', to: 'upgrade' }] }),
    ],
    [
      'content-translation lead.text',
      email({}, { texts: { ...email().texts, de: { 'lead.text': { text: 'Hallo', else: 'Hallo' } } } }),
    ],
  ])('has its fault found at its place: %s', (expected, content) => {
    expect(found(content)).toContain(expected)
  })
})
