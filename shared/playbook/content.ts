import * as z from 'zod'
import { conditionSchema } from '../condition-schema.ts'
import { linkTargets } from '../content/blocks.ts'

/**
 * What an email says: blocks, which every language shares, and their words in each language. A block keeps its id
 * in all languages and versions, so a translation, a finding and a change in a comparison name the same thing.
 */

const blockId = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/)
  .describe('Unique in this email and kept for good: words, findings and comparisons refer to it.')

const variableName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9_]{0,39}(\.[A-Za-z0-9_-]{1,60}){0,4}$/)
  .describe('A variable without braces, e.g. `milestones.next`.')

/** Only what no email client refuses: an absolute address that is encrypted on its way. */
const httpsAddress = z.url({ protocol: /^https$/, normalize: true }).max(2000)

const every = {
  id: blockId,
  when: conditionSchema
    .optional()
    .describe('Only people for whom this holds get the block. Absent: everyone.'),
  needs: z
    .array(variableName)
    .max(5)
    .optional()
    .describe(
      'What must be known about the person besides the variables in the words. Where it is missing the `else` of the words is used; a block without one is left out.',
    ),
}

const link = {
  to: z
    .enum([...linkTargets, 'url'])
    .describe(
      'upgrade, product: the addresses of the playbook. next_step: where the next milestone is done, else the product. extend: the page that gives more time. url: `url`.',
    ),
  url: httpsAddress.optional().describe('Where `to: url` leads.'),
}

const block = <Type extends string, Fields extends z.ZodRawShape>(type: Type, fields: Fields) =>
  z.strictObject({ ...every, type: z.literal(type), ...fields })

const pixels = z.int().min(1).max(1200)

const blockSchema = z
  .discriminatedUnion('type', [
    block('heading', {}),
    block('text', {
      style: z
        .enum(['normal', 'lead', 'note', 'small', 'after'])
        .default('normal')
        .describe(
          'lead: introduces the block below it. note: quiet. small: quiet and smaller, a caption. after: with room above it, after a button.',
        ),
    }),
    block('button', link),
    block('next_step', {}).describe('The milestone this person should reach next, with their progress.'),
    block('milestones', {
      show: z
        .enum(['reached', 'all'])
        .default('reached')
        .describe('all: those not reached as well, unticked.'),
    }),
    block('values', {
      only: z
        .array(z.string().max(40))
        .min(1)
        .max(10)
        .optional()
        .describe('Ids of values of the playbook, e.g. `["hoursSaved"]`; absent: the three largest.'),
      quotas: z.boolean().default(true).describe('Also the two fullest limits, in the same box.'),
    }).describe('What this person has achieved, in numbers; left out when none is worth telling.'),
    block('quotas', {}).describe('Limits of which a quarter or more is used up.'),
    block('losses', {}).describe('What ends with the trial.'),
    block('compare', {}).describe('What ends with the trial, and what stays after upgrading.'),
    block('story', {}).describe('The customer’s story of the playbook; left out when it has none.'),
    block('price', { pay: z.boolean().default(true).describe('Also how one can pay.') }),
    block('survey', {}).describe('The survey’s question, each answer a link.'),
    block('image', {
      src: httpsAddress,
      dark: httpsAddress.optional().describe('The picture for dark mode.'),
      width: pixels.describe('In CSS pixels, as it is shown; never wider than the email.'),
      height: pixels,
      to: link.to.optional(),
      url: link.url,
    }),
    block('divider', {}),
    block('signature', {}),
    block('html', {}).describe('HTML of your own, sanitised.'),
  ])
  .meta({ id: 'ContentBlock' })

const wordsSchema = z
  .strictObject({
    text: z
      .string()
      .max(50_000)
      .describe(
        'Inline Markdown (`**bold**`, `*italic*`, `[words](target)`) with variables `{{ person.firstName }}`.',
      ),
    else: z
      .string()
      .max(2000)
      .optional()
      .describe(
        'Said instead where a variable is missing or 0. Empty: the words (or the block) are left out. Absent: such an email is not sent.',
      ),
    from: z
      .string()
      .regex(/^[a-z0-9]{1,20}$/)
      .optional()
      .describe('Fingerprint of the source words this was translated from; other than today’s: outdated.'),
  })
  .meta({ id: 'ContentWords' })

const localeTag = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'a language tag such as de or pt-BR')

const textKey = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}(\.[a-z][a-z0-9_]{0,19})?$/)
  .describe('`subject`, `subject_2`, `subject_3`, `preheader` or `<block id>.<field>`.')

const allTexts = z
  .record(localeTag, z.record(textKey, wordsSchema))
  .describe('By language, then by place. A language in which a place is empty is not used for sending.')

const common = {
  source: localeTag.describe('The language the others are translated from, and the one that always works.'),
  layout: z
    .enum(['designed', 'personal'])
    .default('designed')
    .describe('designed: on a card, with the logo. personal: as if typed by a person.'),
  texts: allTexts,
}

export const emailContentSchema = z
  .discriminatedUnion('format', [
    z.strictObject({
      format: z.literal('blocks'),
      ...common,
      blocks: z.array(blockSchema).max(60).describe('From top to bottom; shared by all languages.'),
    }),
    z.strictObject({
      format: z.literal('liquid'),
      ...common,
    }),
  ])
  .meta({
    id: 'EmailContent',
    description:
      'What an email says. blocks: see its parts. liquid: `subject`, `preheader`, `html` and `text` in Liquid, sanitised.',
  })

export type EmailContent = z.output<typeof emailContentSchema>
export type BlockContent = Extract<EmailContent, { format: 'blocks' }>
export type ContentBlock = BlockContent['blocks'][number]
export type Words = z.output<typeof wordsSchema>
