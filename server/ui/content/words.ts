import type { BlockType, linkTargets } from '../../../shared/content/blocks.ts'
import type { BlockContent, ContentBlock } from '../../../shared/playbook/content.ts'

/** What the parts of an email are called, for someone who writes emails. */

export const blockNames: Readonly<Record<BlockType, string>> = {
  heading: 'Heading',
  text: 'Text',
  button: 'Button',
  next_step: 'Next step',
  milestones: 'Milestones',
  values: 'Their numbers',
  quotas: 'Limits in use',
  losses: 'What is lost',
  compare: 'With and without',
  story: 'Customer story',
  price: 'Price',
  survey: 'Survey',
  image: 'Picture',
  divider: 'Line',
  signature: 'Signature',
  html: 'HTML',
}

export const blockPurposes: Readonly<Record<BlockType, string>> = {
  heading: 'The line at the top of the email.',
  text: 'A paragraph, or several.',
  button: 'The one thing to do next.',
  next_step: 'The milestone this person should reach next, with their progress.',
  milestones: 'What this person has done already.',
  values:
    'What this person has achieved: hours saved, cards completed. Left out when there is nothing to tell.',
  quotas: 'Limits of which a quarter or more is used up.',
  losses: 'What ends with the trial.',
  compare: 'What ends with the trial, and what stays after upgrading.',
  story: 'The customer story of the playbook. Left out when it has none.',
  price: 'The price, in words.',
  survey: 'The question of the survey; each answer is a link.',
  image: 'A picture from your own site.',
  divider: 'A thin line.',
  signature: 'Name and title of the sender.',
  html: 'HTML of your own. It is sanitised.',
}

const fieldNames: Readonly<Record<string, string>> = {
  subject: 'Subject',
  subject_2: 'Second subject',
  subject_3: 'Third subject',
  preheader: 'Preheader',
  text: 'Text',
  label: 'Label',
  title: 'Title',
  none: 'When there is nothing to list',
  without: 'Heading without upgrading',
  with: 'Heading with upgrading',
  keep: 'What stays',
  keep_2: 'What stays, second line',
  keep_3: 'What stays, third line',
  link: 'Words of the link',
  alt: 'Description for people who do not see it',
  html: 'HTML',
  src: 'Address of the picture',
  url: 'Web address',
}

export const fieldName = (field: string, type?: BlockType): string =>
  type === 'html' && field === 'text' ? 'The same as plain text' : (fieldNames[field] ?? field)

export const targetNames: Readonly<Record<(typeof linkTargets)[number] | 'url', string>> = {
  upgrade: 'the upgrade page',
  product: 'the product',
  next_step: 'the next step',
  extend: 'the page that gives more time',
  story: 'the customer story',
  unsubscribe: 'the unsubscribe page',
  view: 'the email in a browser',
  url: 'another web address',
}

export const styleNames = {
  normal: 'Normal',
  lead: 'Introduces what is below',
  note: 'Quiet note',
  small: 'Small print',
  after: 'With space above',
} as const

/** What a block may need besides the variables in its words. */
export const needNames: Readonly<Record<string, string>> = {
  numbers: 'a number worth telling',
  values: 'a value',
  losses: 'something to lose',
  'milestones.reached': 'a milestone reached',
  'milestones.next': 'a next milestone',
  'milestones.open': 'a milestone still open',
  'trial.endsAt': 'a trial that ends',
  'person.firstName': 'their first name',
  'person.company': 'their company',
  offer: 'an extension they may take',
  extension: 'an extension they got',
  answer: 'a survey answer',
  paidFeature: 'a paid feature they tried',
  'product.story': 'a customer story',
  'product.price': 'a price',
}

const short = (text: string): string => {
  const plain = text.replaceAll(/\{\{\s*([\w.]+)[^}]*\}\}/g, '…').replaceAll(/[*[\]]|\([^)]*\)/g, '')
  const line = plain.replaceAll(/\s+/g, ' ').trim()
  return line.length > 48 ? `${line.slice(0, 47)}…` : line
}

/** “Text: You finished three cards …” */
export function blockTitle(content: BlockContent, block: ContentBlock): string {
  const texts = content.texts[content.source] ?? {}
  const said = ['text', 'label', 'title', 'without', 'alt'].map(
    (field) => texts[`${block.id}.${field}`]?.text,
  )
  const words = short(said.find((text) => text) ?? '')
  return words ? `${blockNames[block.type]}: ${words}` : blockNames[block.type]
}

const notShown = {
  shown: null,
  condition: 'not for this person',
  missing: 'left out: something is missing',
  nothing_to_say: 'left out: nothing to tell',
} as const

export const notShownWords = (shown: keyof typeof notShown): string | null => notShown[shown]
