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
    [
      'an introduction behind the last word',
      `Thanks! ${own} On Fri, Nov 27, 2026 at 3:31 PM, Dana wrote:\n${marked}`,
      `Thanks! ${own}`,
    ],
    ['a phone that names no date', `${own}\n\n---- Dana wrote ----\n\n${marked}`, own],
    [
      'words with a number right above an introduction in two lines',
      `${own}\nWe are 12 and test this in 2 weeks.\nOp 27 nov. 2026 15:31 schreef "Dana" <dana@acme.example> het\nvolgende geschreven:\n\n${marked}`,
      `${own}\nWe are 12 and test this in 2 weeks.`,
    ],
    [
      'a date right above an introduction in two lines',
      `Call me on 30.11.2026 at 9:30.\nOn Fri, Nov 27, 2026 at 3:31 PM Dana <\ndana@acme.example> wrote:\n${marked}`,
      'Call me on 30.11.2026 at 9:30.',
    ],
    [
      'the mark of a program that counts openings',
      `${own}\n\nᐧ\n\nOn 27/11/2026 15:31, Dana wrote:\n${marked}`,
      own,
    ],
    ['a signature under underscores', `${own}\n_____\nSam\nCustomer Ltd.`, own],
  ])('%s', (_name, body, expected) => {
    expect(ownWords(body)).toBe(expected)
  })

  it.each([
    `From: my side everything is fine.\n${own}`,
    'Date: 3 December\nTo: all of us\nWe will decide then.',
    'We met on 27/11/2026 15:31 and these people came:\n- Ann\n- Bob',
    'Please invoice us from 27/11/2026 on at Billing <billing@customer.example>:\nThanks',
    'On 3 December we decide: yes or no.\nOn Monday the 30th at 10:00 I can call you: fine?',
    `Our address: office@customer.example\n${own}`,
    `In 2026 our CEO wrote:\n"Use one tool."\n${own}`,
    `${own}\nSent from our finance team, the form is still missing.\nThanks`,
  ])('nothing of %j is taken for a quote', (body) => {
    expect(ownWords(body)).toBe(body)
  })
})
