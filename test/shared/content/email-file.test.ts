import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEmailFile, writeEmailFile } from '../../../shared/content/email-file.ts'
import { readPlaybookFolder, writePlaybookFolder } from '../../../shared/content/playbook-folder.ts'
import { emailContentSchema } from '../../../shared/playbook/content.ts'
import { playbookSchema } from '../../../shared/playbook.ts'
import { boardPlaybook } from '../../support/board-playbook.ts'
import { randomContent } from '../../support/random-content.ts'

const content = emailContentSchema.parse({
  format: 'blocks',
  source: 'en',
  blocks: [
    { id: 'title', type: 'heading' },
    { id: 'lead', type: 'text' },
    { id: 'go', type: 'button', to: 'upgrade' },
  ],
  texts: {
    en: {
      subject: { text: 'Your boards are waiting' },
      preheader: { text: '{{ person.callName }}, one step is left', else: 'One step is left' },
      'title.text': { text: 'Almost there' },
      'lead.text': { text: 'Hello **{{ person.callName }}**,\n\nyou are close.', else: 'Hello' },
      'go.label': { text: 'Upgrade' },
    },
    de: { subject: { text: 'Deine Boards', from: '1abc' } },
  },
})
const file = writeEmailFile(content, 'en')

/** Its faults, each as “line: words”. */
const faults = (source: string) =>
  readEmailFile(source, content).faults.map(({ line, detail }) => `${line}: ${detail}`)

describe('an email as a file', () => {
  it('can be read by people', () => {
    expect(file).toBe(`---
subject: Your boards are waiting
preheader: "{{ person.callName }}, one step is left"
preheader else: One step is left
---

<!-- @title.text (heading) -->
Almost there

<!-- @lead.text (text) -->
Hello **{{ person.callName }}**,

you are close.

<!-- @lead.text else -->
Hello

<!-- @go.label (button) -->
Upgrade
`)
    expect(writeEmailFile(content, 'de')).toBe('---\nsubject: Deine Boards\nsubject from: 1abc\n---\n')
  })

  it('is read as it was written, with the lines of another system too', () => {
    expect(readEmailFile(file, content)).toMatchObject({ texts: content.texts.en, faults: [] })
    expect(readEmailFile(`\ufeff${file.replaceAll('\n', '\r\n')}`, content).texts).toEqual(content.texts.en)
  })

  it('says in one line what is wrong where', () => {
    expect(faults('Hello')).toEqual([
      '1: The file begins with a line of three hyphens, then the subject and the preheader.',
      '1: These words are below no marker.',
    ])
    expect(faults('---\nsubject: One\n')).toEqual([
      '1: The line of three hyphens below the subject is missing.',
    ])
    expect(faults('---\nsubject\n---\n')).toEqual(['2: A line here is like “subject: Words”.'])
    expect(faults('---\ngo: x\n---\n')).toEqual(['2: “go” cannot be up here.'])
    expect(faults('---\nsubject: One\nsubject: Two\n---\n')).toEqual(['3: “subject” is there twice.'])
    expect(faults('---\nsubject: "One\n---\n')).toEqual([
      '2: This is no JSON string: it begins and ends with ", and \\n is a new line.',
    ])
    expect(faults('---\n---\n\n<!-- @titel.text (heading) -->\nX\n')).toEqual([
      '4: There is no place “titel.text”.',
    ])
    expect(faults('---\n---\n\n<!-- @title.text (button) -->\nX\n')).toEqual([
      '4: It is of type heading: “title.text”.',
    ])
    expect(faults('---\n---\n<!-- @title text -->\nX\n')).toEqual([
      '3: A marker is like “<!-- @title.text (heading) -->”.',
    ])
    expect(faults('---\n---\n<!-- @lead.text else -->\nX\n')).toEqual([
      '3: “lead.text” has other words, but no words.',
    ])
  })
})

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\n',
    ' a ',
    'a\n\n',
    '---',
    '<!-- @go.label (button) -->',
    '"a"',
    'a: b',
    '\r\n',
    '\ufeff',
  ),
)
const anyWords = fc.record(
  { text: anyText, else: anyText, from: fc.constant('1a2b') },
  { requiredKeys: ['text'] },
)

describe('a playbook as a folder', () => {
  const playbook = playbookSchema.parse(boardPlaybook)

  it('is identical after it was written and read, whatever its words are', () => {
    const liquid = fc.record({ subject: anyWords, preheader: anyWords, html: anyWords, text: anyWords })
    const ofBlocks = fc
      .tuple(randomContent(['de', 'pt-BR', 'ar']), anyWords, anyWords)
      .map(([email, one, stray]) => ({
        ...email,
        texts: { ...email.texts, ko: { subject: one, 'b0.text': one, 'gone.text': stray, nowhere: stray } },
      }))
    const ofLiquid = liquid.map((en) => ({
      format: 'liquid',
      source: 'en',
      layout: 'designed',
      texts: { en },
    }))
    fc.assert(
      fc.property(fc.array(fc.oneof(ofBlocks, ofLiquid), { minLength: 1, maxLength: 3 }), (contents) => {
        const messages = playbook.messages.map((rule, index) => ({
          ...rule,
          ...(contents[index] && { content: contents[index] }),
        }))
        const whole = { ...playbook, messages }
        // As a disk keeps it.
        const files = new Map(
          [...writePlaybookFolder(whole)].map(([path, text]) => [path, Buffer.from(text).toString('utf8')]),
        )
        const read = readPlaybookFolder(files)
        if (!read.ok) throw new Error(JSON.stringify(read.faults))
        expect(read.playbook).toEqual(JSON.parse(JSON.stringify(whole)))
      }),
      { numRuns: 300 },
    )
  })

  it('says in which file and line a fault is', () => {
    const messages = playbook.messages.map((rule, index) => (index === 0 ? { ...rule, content } : rule))
    const files = new Map(writePlaybookFolder({ ...playbook, messages }))
    const path = `emails/${messages[0]?.id}.en.md`
    const read = readPlaybookFolder(
      new Map([...files, [path, (files.get(path) ?? '').replace('Almost', '{{ nobody.x }}')]]),
    )
    if (!read.ok) throw new Error('it can be read')
    const checked = playbookSchema.safeParse(read.playbook)
    const [issue] = checked.error?.issues ?? []
    const fault = { pointer: `/${issue?.path.join('/')}`, detail: issue?.message ?? '' }
    expect(read.placeOf(fault)).toMatchObject({ file: path, line: 7 })
    expect(read.placeOf({ pointer: '/product/name', detail: 'is missing' })).toEqual({
      file: 'playbook.json',
      line: null,
      detail: '/product/name is missing',
    })
  })

  it('names files that belong to nothing, and a broken playbook by its line', () => {
    expect(readPlaybookFolder(new Map())).toMatchObject({ ok: false, faults: [{ file: 'playbook.json' }] })
    expect(readPlaybookFolder(new Map([['playbook.json', '{\n"a": 1,\n}']]))).toMatchObject({
      ok: false,
      faults: [{ file: 'playbook.json', line: 3 }],
    })
    const files = new Map([
      ...writePlaybookFolder(playbook),
      ['emails/gone.de.md', '---\n---\n'],
      ['README.md', 'x'],
    ])
    expect(readPlaybookFolder(files)).toEqual({
      ok: false,
      faults: [
        {
          file: 'emails/gone.de.md',
          line: null,
          detail: 'No email “gone” of playbook.json has content of its own.',
        },
      ],
    })
  })
})
