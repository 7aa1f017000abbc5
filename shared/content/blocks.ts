/**
 * What an email is made of, without Zod, so that a browser bundle may use it. The schema of a block is in
 * `shared/playbook/content.ts`; its templates are `templates/blocks/<type>/`.
 */

export const blockTypes = [
  'heading',
  'text',
  'button',
  'next_step',
  'milestones',
  'values',
  'quotas',
  'losses',
  'compare',
  'story',
  'price',
  'survey',
  'image',
  'divider',
  'signature',
  'html',
] as const
export type BlockType = (typeof blockTypes)[number]

/** One place for words in a block, or in the inbox row. */
export interface TextField {
  readonly name: string
  /** An email without it is not sent. */
  readonly required: boolean
  /**
   * inline: one paragraph or more of inline Markdown with variables. line: the same on one line, without links.
   * html: HTML that is sanitised. plain: its words for people who read plain text.
   */
  readonly form: 'inline' | 'line' | 'html' | 'plain'
  /** Whether it may have an `else`, for people who lack what it names. */
  readonly hasElse: boolean
}

const field = (
  name: string,
  form: TextField['form'],
  { required = true, hasElse = form === 'inline' || form === 'line' } = {},
): TextField => ({ name, form, required, hasElse })

/** The words each type of block has; their keys in `texts` are `<block id>.<name>`. */
export const blockFields: Readonly<Record<BlockType, readonly TextField[]>> = {
  heading: [field('text', 'line')],
  text: [field('text', 'inline')],
  button: [field('label', 'line')],
  next_step: [],
  milestones: [],
  values: [],
  quotas: [],
  losses: [field('title', 'line'), field('none', 'line')],
  compare: [
    field('without', 'line'),
    field('none', 'line'),
    field('with', 'line'),
    field('keep', 'line'),
    field('keep_2', 'line', { required: false }),
    field('keep_3', 'line', { required: false }),
  ],
  story: [field('title', 'line'), field('link', 'line')],
  price: [],
  survey: [],
  image: [field('alt', 'line', { hasElse: false })],
  divider: [],
  signature: [],
  html: [field('html', 'html'), field('text', 'plain')],
}

/** The inbox row. Further subjects are variants of a subject line test. */
export const headFields: readonly TextField[] = [
  field('subject', 'line'),
  field('subject_2', 'line', { required: false }),
  field('subject_3', 'line', { required: false }),
  field('preheader', 'line'),
]

/** The words of content in Liquid. */
export const liquidFields: readonly TextField[] = [
  field('subject', 'plain'),
  field('preheader', 'plain'),
  field('html', 'html'),
  field('text', 'plain'),
]

/** Where a button or a link leads: one of these, or a web address. */
export const linkTargets = [
  'upgrade',
  'product',
  'next_step',
  'extend',
  'story',
  'unsubscribe',
  'view',
] as const
