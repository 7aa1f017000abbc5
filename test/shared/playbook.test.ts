import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type PlaybookInput, playbookSchema } from '../../shared/playbook.ts'
import { boardPlaybook } from '../support/board-playbook.ts'

const story = {
  quote: 'Now we look at the board and start.',
  person: 'Mara Lind, head of design',
  company: 'Studio Nord',
  result: 'From 6 status meetings a week to 1',
  url: 'https://acme.example/stories/nord',
}
const withStory = (change: object): PlaybookInput => ({
  ...boardPlaybook,
  product: { ...boardPlaybook.product, story: { ...story, ...change } },
})

/** Where it complains, and what about. */
const complaints = (input: unknown): string[] =>
  playbookSchema.safeParse(input).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ??
  []

describe('a playbook', () => {
  it('may tell a customer’s story', () => {
    expect(complaints(withStory({}))).toEqual([])
    expect(complaints(withStory({ result: undefined, url: undefined }))).toEqual([])
    expect(playbookSchema.parse(boardPlaybook).product.story).toBeUndefined()
  })

  it.each(['Mars/Olympus', '+01:00', 'Europe/Berlin\n', 'local'])('refuses the zone %j', (timeZone) => {
    expect(complaints({ ...boardPlaybook, product: { ...boardPlaybook.product, timeZone } })).toEqual([
      'product.timeZone: must be an IANA zone such as Europe/Berlin',
    ])
  })

  it.each<[string, object]>([
    ['quote', { quote: 'Too short.' }],
    ['quote', { quote: 'x'.repeat(301) }],
    ['quote', { quote: 'A first line of it\nand a second one.' }],
    ['person', { person: ' ' }],
    ['person', { person: 'x'.repeat(81) }],
    ['company', { company: undefined }],
    ['result', { result: 'x'.repeat(121) }],
    ['url', { url: 'http://acme.example/' }],
    ['url', { url: 'javascript:alert(1)' }],
    ['url', { url: `https://acme.example/${'x'.repeat(500)}` }],
    ['', { logo: 'https://acme.example/logo.png' }],
  ])('refuses a story whose %s will not do: %j', (field, change) => {
    const found = complaints(withStory(change))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(new RegExp(`^product\\.story${field ? `\\.${field}` : ''}:`))
  })

  it.each<[string, object]>([
    [
      'values.boards.limit',
      { values: { ...boardPlaybook.values, boards: { formula: '1', label: 'b', limit: 0 } } },
    ],
    [
      'values.boards.limit',
      {
        values: { ...boardPlaybook.values, boards: { formula: '1', label: 'b', unit: 'minutes', limit: 9 } },
      },
    ],
    [
      'values.boards.unit',
      { values: { ...boardPlaybook.values, boards: { formula: '1', label: 'b', unit: 'km' } } },
    ],
    [
      'values.boards.formula',
      { values: { ...boardPlaybook.values, boards: { formula: '1 +', label: 'b' } } },
    ],
    ['losses.0.value', { losses: [{ value: 'nothing', text: '{{n}} things' }] }],
    ['translations.de', { translations: { de: { boards: '' } } }],
    ['activation.of.0', { activation: { of: ['Nobody'] } }],
    ['milestones.1', { milestones: [boardPlaybook.milestones[0], ...boardPlaybook.milestones] }],
    ['messages.0.anchor', { messages: [{ ...boardPlaybook.messages[0], anchor: 'milestone:Nobody' }] }],
    ['messages.0.milestone', { messages: [{ ...boardPlaybook.messages[0], milestone: 'Nobody' }] }],
  ])('is refused at %s: %j', (path, change) => {
    expect(complaints({ ...boardPlaybook, ...change }).join('\n')).toMatch(
      new RegExp(`^${path.replaceAll('.', '\\.')}`, 'm'),
    )
  })

  it('is described by a JSON schema that knows every part, patterns included', () => {
    const schema = z.toJSONSchema(playbookSchema, { io: 'input' })
    const text = JSON.stringify(schema)
    for (const part of ['CustomerStory', 'MessageRule', 'NudgeRule', 'Milestone', 'FitRule', 'SendWindow'])
      expect(text).toContain(`"#/$defs/${part}"`)
    expect(Object.keys(schema.$defs?.Playbook?.properties ?? {})).toEqual(
      expect.arrayContaining(['translations', 'values']),
    )
    expect(text).toContain('"limit"')
    // Editors compile patterns without the u flag.
    for (const [, pattern] of text.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g))
      expect(JSON.parse(pattern ?? '')).not.toMatch(/\\p\{/i)
  })
})
