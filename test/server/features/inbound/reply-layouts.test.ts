import { describe, expect, it } from 'vitest'
import { ownWords } from '../../../../server/features/inbound/quoted-text.ts'
import { deviceLines, headerBlocks, intros } from '../../../support/reply-layouts.ts'

const own = 'We need another week.'
const ours = 'Hi Sam,\nyour trial ends on Friday. If you are not interested, you can cancel here.'
const marked = ours.replace(/^/gm, '> ')

describe('what a person wrote is what is left of a reply', () => {
  it.each(intros)('above a quote marked line by line: %s', (intro) => {
    expect(ownWords(`${own}\n\n${intro}\n${marked}`)).toBe(own)
  })

  it.each(intros)('above a quote that nothing marks: %s', (intro) => {
    expect(ownWords(`${own}\n\n${intro}\n\n${ours}`)).toBe(own)
  })

  it.each(headerBlocks)('above the whole email answered: %s', (_name, block) => {
    expect(ownWords(`${own}\n\n${block}\n\n${ours}`)).toBe(own)
  })

  it.each(deviceLines)('above a line about the device: %s', (line) => {
    expect(ownWords(`${own}\n\n${line}`)).toBe(own)
  })

  it.each([
    [
      'an introduction that is quoted itself',
      `${own}\n\nSent from my iPhone\n\n> On 27 Nov 2026, at 15:31, Dana <dana@acme.example> wrote:\n> \n${marked}`,
      own,
    ],
    [
      'words under the quote',
      `On Fri, Nov 27, 2026 at 3:31 PM Dana <\ndana@acme.example> wrote:\n\n${marked}\n>\n> --\n> Dana\n\n${own}\n\n-- \nSam`,
      own,
    ],
    [
      'words above and under the quote',
      `Thanks.\n\nOn 27/11/2026 15:31, Dana wrote:\n${marked}\n\n${own}`,
      `Thanks.\n\n${own}`,
    ],
    ['a quote marked with bars', `On 27/11/2026 15:31, Dana wrote:\n| Do you need more time?\n\n${own}`, own],
    ['a signature under underscores', `${own}\n_____\nSam\nCustomer Ltd.`, own],
  ])('%s', (_name, body, expected) => {
    expect(ownWords(body)).toBe(expected)
  })

  it.each([
    `From: my side everything is fine.\n${own}`,
    'Date: 3 December\nTo: all of us\nWe will decide then.',
    'We met on 27/11/2026 15:31 and these people came:\n- Ann\n- Bob',
    'Please invoice us from 27/11/2026 on at Billing <billing@customer.example>:\nThanks',
    `In 2026 our CEO wrote:\n"Use one tool."\n${own}`,
    `${own}\nSent from our finance team, the form is still missing.\nThanks`,
  ])('nothing of %j is taken for a quote', (body) => {
    expect(ownWords(body)).toBe(body)
  })
})
