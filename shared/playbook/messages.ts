import * as z from 'zod'
import { conditionSchema } from '../condition-schema.ts'
import { type MessageKind, messageKinds, type RecipientRole, recipientRoles } from '../trial.ts'
import { emailContentSchema } from './content.ts'
import { clockTime, duration, label, name, positiveDuration } from './words.ts'

/** Which email goes when. */

export const windowSchema = z
  .strictObject({
    weekdays: z
      .array(z.int().min(1).max(7))
      .min(1)
      .describe('ISO weekdays, 1 = Monday, in the zone of the recipient.'),
    from: clockTime,
    until: clockTime.describe('Exclusive; later than `from`.'),
  })
  .refine((w) => w.from < w.until, { message: 'must be later than `from`', path: ['until'] })
  .meta({ id: 'SendWindow', description: 'Local hours in which email may leave.' })

const anchorPattern =
  /^(trialStart|trialEnd|activated|lastSeen|surveyAnswered|extended|milestone:.+|event:.+)$/
const anchor = z
  .string()
  .regex(anchorPattern)
  .describe(
    'The moment a rule counts from: trialStart, trialEnd (always the current one), activated, lastSeen, surveyAnswered, extended, milestone:<name> or event:<name> (latest).',
  )

const recipient = z.enum(recipientRoles)

export const messageRuleSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9_-]{1,60}$/),
    kind: z.enum(messageKinds),
    name: label.optional().describe('What the team calls it; `custom` emails have one.'),
    class: z
      .enum(['trial', 'onboarding', 'service'])
      .describe(
        'trial: at most one a day, held out, paused by replies. onboarding: yields to trial emails. service: a fact the person must know.',
      ),
    anchor,
    offset: duration.default('0s').describe('Before (negative) or after the anchor.'),
    when: conditionSchema.prefault({}).describe('Must hold at the moment of sending.'),
    window: z.union([z.literal('default'), z.literal('any'), windowSchema]).default('default'),
    sendTime: z
      .enum(['fixed', 'personal'])
      .default('fixed')
      .describe(
        'personal: inside the window and within a day, at the hour before this person is mostly active; never for upgrade_now and service emails.',
      ),
    maxLateness: positiveDuration
      .default('12h')
      .describe('Later than this after its time the email is dropped, not sent.'),
    priority: z
      .int()
      .min(0)
      .max(100)
      .default(50)
      .describe('Of several due emails the highest goes, the others are superseded.'),
    repeat: z
      .enum(['once', 'perCycle'])
      .default('once')
      .describe('perCycle: once for each quoted trial end.'),
    cap: z.int().min(1).max(20).default(3).describe('Most emails of this rule in one trial.'),
    template: name.optional().describe('Folder under templates/emails; the kind when absent.'),
    subjects: z
      .array(z.string().min(1).max(200))
      .max(3)
      .default([])
      .describe('Subject variants to test; empty: the template’s own.'),
    content: emailContentSchema
      .optional()
      .describe('Words and blocks of the team’s own; absent: ours. `subjects` go before its subject.'),
    sender: z.enum(['product', 'rep']).default('product'),
    goal: z.enum(['upgrade', 'reply', 'extension', 'survey', 'activation', 'none']).default('none'),
    quotesEnd: z
      .boolean()
      .default(false)
      .describe('The text names the trial end, so a later end earns a new email.'),
    milestone: name
      .optional()
      .describe('The milestone this email asks for; it is not sent once that is reached.'),
    to: z
      .union([recipient, z.array(recipient).min(1).max(recipientRoles.length)])
      .optional()
      .describe(
        'Where a company has one trial: who of it gets this email, each person once. Absent: as suits the kind of email.',
      ),
  })
  .meta({ id: 'MessageRule' })

/** Who of a company gets an email whose rule does not say so. */
const usualRecipients: Readonly<Record<MessageKind, readonly RecipientRole[]>> = {
  welcome: ['actor'],
  onboarding_step: ['actor'],
  upgrade_now: ['champion', 'buyer'],
  expiring_activated: ['buyer', 'champion'],
  expiring_passive: ['champion'],
  ended_survey: ['everyone'],
  survey_follow_up: ['actor'],
  extension_granted: ['champion', 'buyer'],
  trial_ended: ['champion', 'buyer'],
  custom: ['actor'],
}

export function recipientsOfRule({
  kind,
  to,
}: Pick<z.output<typeof messageRuleSchema>, 'kind' | 'to'>): readonly RecipientRole[] {
  if (to === undefined) return usualRecipients[kind]
  return typeof to === 'string' ? [to] : to
}
