import * as z from 'zod'
import { durationPattern } from './clock.ts'
import { conditionSchema } from './condition-schema.ts'
import { circularValue, type Formula, parseFormula } from './formula.ts'
import { messageKinds, nudgeFormats } from './trial.ts'

/**
 * The playbook: everything a product team may decide, in one declarative, versioned document. The server applies
 * it to each trialist at each event; nothing in it is a schedule, so a changed end date moves all that depends on it.
 */

const name = z.string().trim().min(1).max(200)
const label = z.string().trim().min(1).max(500)
const duration = z
  .string()
  .regex(durationPattern, 'a duration such as 90s, 30m, 3h, -3d or 2w')
  .describe('A whole number and a unit: s, m, h, d (24 hours) or w.')
const positiveDuration = duration.refine((text) => !text.startsWith('-'), 'must not be negative')
const clockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a local time such as 09:00')
  .describe('Local wall-clock time of the recipient.')
const webAddress = z.url({ protocol: /^https?$/ })

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
  .meta({ id: 'SendWindow', description: 'Local hours in which mail may leave.' })

const milestoneSchema = z
  .strictObject({
    name: name.describe('Shown to trialists and reps; conditions and anchors refer to it.'),
    event: name.describe('Name of the tracked event.'),
    threshold: z.int().min(1).max(1000).default(1),
    hint: label.optional().describe('What to do next to reach it, in one sentence to the trialist.'),
    url: webAddress.optional().describe('Where in the product it is done.'),
    label: z.string().max(40).optional().describe('Text of the button that leads there.'),
  })
  .meta({ id: 'Milestone' })

const fitRuleSchema = z
  .strictObject({
    when: conditionSchema,
    segment: z.enum(['unqualified', 'opportunist']),
    why: label.describe('The reason in words, as reps read it.'),
  })
  .meta({ id: 'FitRule', description: 'First rule that holds decides; none means good fit.' })

const paceSchema = z.strictObject({
  stalledAfter: positiveDuration
    .default('3d')
    .describe('No event for this long, value not reached: stalled.'),
  converters: z
    .array(
      z.strictObject({
        activeDays: z.int().min(1).max(400),
        p25: z.number().min(0).describe('Milestones a slow converter had reached by then.'),
        p75: z.number().min(0).describe('Milestones a fast converter had reached by then.'),
      }),
    )
    .describe(
      'Ascending by active days; the last row that is not above the person’s own active days applies.',
    ),
})

const scoringSchema = z.strictObject({
  halfLife: positiveDuration.default('14d').describe('Recency of activity: weight halves every such span.'),
  weights: z
    .strictObject({
      milestones: z.number().min(0).default(50),
      activity: z.number().min(0).default(20),
      fit: z.number().min(0).default(15),
      intent: z.number().min(0).default(15),
    })
    .prefault({}),
  intentEvents: z
    .array(name)
    .max(50)
    .default([])
    .describe('Events that show a wish to buy, e.g. a paid feature tried.'),
  fitTraits: z
    .array(z.strictObject({ when: conditionSchema, points: z.number(), why: label }))
    .max(50)
    .default([]),
})

export const anchorPattern =
  /^(trialStart|trialEnd|activated|lastSeen|surveyAnswered|extended|milestone:.+|event:.+)$/
const anchor = z
  .string()
  .regex(anchorPattern)
  .describe(
    'The moment a rule counts from: trialStart, trialEnd (always the current one), activated, lastSeen, surveyAnswered, extended, milestone:<name> or event:<name> (latest).',
  )

export const messageRuleSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9_-]{1,60}$/),
    kind: z.enum(messageKinds),
    class: z
      .enum(['trial', 'onboarding', 'service'])
      .describe(
        'trial: at most one a day, held out, paused by replies. onboarding: yields to trial mails. service: a fact the person must know.',
      ),
    anchor,
    offset: duration.default('0s').describe('Before (negative) or after the anchor.'),
    when: conditionSchema.prefault({}).describe('Must hold at the moment of sending.'),
    window: z.union([z.literal('default'), z.literal('any'), windowSchema]).default('default'),
    sendTime: z
      .enum(['fixed', 'personal'])
      .default('fixed')
      .describe(
        'personal: inside the window and within a day, at the hour before this person is mostly active; never for upgrade_now and service mails.',
      ),
    maxLateness: positiveDuration
      .default('12h')
      .describe('Later than this after its time the mail is dropped, not sent.'),
    priority: z
      .int()
      .min(0)
      .max(100)
      .default(50)
      .describe('Of several due mails the highest goes, the others are superseded.'),
    repeat: z
      .enum(['once', 'perCycle'])
      .default('once')
      .describe('perCycle: once for each quoted trial end.'),
    cap: z.int().min(1).max(20).default(3).describe('Most mails of this rule in one trial.'),
    template: name.optional().describe('Folder under templates/emails; the kind when absent.'),
    subjects: z
      .array(z.string().min(1).max(200))
      .max(3)
      .default([])
      .describe('Subject variants to test; empty: the template’s own.'),
    sender: z.enum(['product', 'rep']).default('product'),
    goal: z.enum(['upgrade', 'reply', 'extension', 'survey', 'activation', 'none']).default('none'),
    quotesEnd: z
      .boolean()
      .default(false)
      .describe('The text names the trial end, so a later end earns a new mail.'),
    milestone: name
      .optional()
      .describe('The milestone this mail asks for; it is not sent once that is reached.'),
  })
  .meta({ id: 'MessageRule' })

export const nudgeRuleSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9_-]{1,60}$/),
    format: z.enum(nudgeFormats),
    on: z
      .union([
        z.literal('any'),
        z.strictObject({ event: name }),
        z.strictObject({ page: z.string().max(500) }),
      ])
      .default('any')
      .describe('What must just have happened; a page is a path with * as wildcard.'),
    when: conditionSchema.prefault({}),
    decide: z
      .enum(['local', 'server'])
      .default('server')
      .describe('local: the browser decides at once from the facts of the last answer.'),
    content: z.strictObject({
      title: label,
      body: z
        .string()
        .max(2000)
        .default('')
        .describe('Text with {{value}} slots; **bold** and [links](https://…) only.'),
      action: z
        .strictObject({ label: z.string().min(1).max(40), url: z.string().min(1).max(2000) })
        .optional(),
      dismiss: z.string().max(40).default('Not now'),
      question: label.optional(),
      answers: z.array(z.string().min(1).max(80)).max(8).default([]),
    }),
    translations: z
      .record(z.string(), z.record(z.string(), z.string().max(2000)))
      .default({})
      .describe('By locale: title, body, action, dismiss, question, answer.0 …'),
    anchor: z
      .string()
      .max(500)
      .optional()
      .describe('CSS selector of the element a tooltip or inline nudge belongs to.'),
    meter: z.strictObject({ event: name, limit: z.number().positive(), unit: z.string().max(40) }).optional(),
    priority: z.int().min(0).max(100).default(50),
    maxShows: z.int().min(1).max(100).default(3),
    snooze: positiveDuration.default('1d'),
    holdoutShare: z.number().min(0).max(0.5).default(0),
  })
  .meta({ id: 'NudgeRule' })

export const playbookSchema = z
  .strictObject({
    schema: z.literal(1).default(1),
    product: z.strictObject({
      name,
      url: webAddress,
      upgradeUrl: webAddress,
      locale: z.string().min(2).max(35).default('en'),
      timeZone: z
        .string()
        .min(1)
        .max(64)
        .default('UTC')
        .describe('IANA zone used when a trialist’s own is unknown.'),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/)
        .default('USD'),
      price: z
        .strictObject({
          amountMinor: z.int().min(0).describe('In the smallest unit of the currency.'),
          per: z.enum(['month', 'year']),
          seat: z.boolean().default(false),
        })
        .optional(),
      paymentMethods: z.array(label).max(10).default([]),
      postalAddress: label.describe('Named in each mail’s footer, as the law asks.'),
    }),
    senders: z.strictObject({
      product: z.strictObject({ name, address: z.email().optional().describe('MAIL_FROM when absent.') }),
      rep: z.strictObject({ name, address: z.email().optional(), title: z.string().max(100).default('') }),
    }),
    trial: z.strictObject({
      lengthDays: z.int().min(1).max(365).nullable().describe('null: a free plan without an end.'),
    }),
    milestones: z.array(milestoneSchema).max(50),
    activation: z
      .strictObject({
        atLeast: z.int().min(1).optional().describe('How many of them; all when absent.'),
        of: z.array(name).min(1).optional().describe('Names of milestones; every one when absent.'),
      })
      .prefault({}),
    fit: z.array(fitRuleSchema).max(50).default([]),
    pace: paceSchema,
    scoring: scoringSchema.prefault({}),
    messages: z.array(messageRuleSchema).max(100),
    nudges: z.array(nudgeRuleSchema).max(100).default([]),
    window: windowSchema.prefault({ weekdays: [1, 2, 3, 4, 5], from: '09:00', until: '18:00' }),
    caps: z
      .strictObject({
        trialMailEvery: positiveDuration
          .default('1d')
          .describe('Least time between two trial mails to one person.'),
        nudgesPerSession: z.int().min(0).default(3),
        nudgesPerDay: z.int().min(0).default(3),
        nudgesPerWeek: z.int().min(0).default(8),
        nudgeGap: positiveDuration.default('1m'),
        nudgeAfterMail: positiveDuration
          .default('4h')
          .describe('No upgrade nudge this soon after a trial mail.'),
      })
      .prefault({}),
    pauses: z
      .strictObject({
        afterReply: positiveDuration.default('1d'),
        afterRepMail: positiveDuration.default('1d'),
      })
      .prefault({}),
    holdout: z
      .strictObject({
        share: z.number().min(0).max(0.5).default(0),
        salt: z.string().max(100).default('holdout'),
      })
      .prefault({})
      .describe('Share of trialists who get no trial mail, to measure what the mails bring.'),
    extensions: z
      .strictObject({
        options: z
          .array(z.int().min(1).max(365))
          .min(1)
          .default([3, 7, 14])
          .describe('Days a rep may pick with one click.'),
        maxPerTrial: z.int().min(0).max(50).default(3),
        maxTotalDays: z.int().min(0).max(730).default(45),
        selfServe: z
          .strictObject({
            days: z.int().min(1).max(90).default(7),
            maxPerTrial: z.int().min(0).max(10).default(1),
          })
          .prefault({})
          .describe('What a trialist may take by the link in a mail.'),
        reopenWithin: positiveDuration
          .default('180d')
          .describe('How long after its end a trial may be extended again.'),
      })
      .prefault({}),
    comeback: z
      .strictObject({ within: positiveDuration.default('180d') })
      .prefault({})
      .describe('How long after the end reaching value earns the upgrade mail.'),
    values: z
      .record(
        z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/),
        z.strictObject({ formula: label, label, round: z.number().positive().default(1) }),
      )
      .default({})
      .describe(
        'Numbers for mails and nudges from own counters, e.g. minutesSaved: `count("Card Completed") * 20`.',
      ),
    losses: z
      .array(
        z.strictObject({
          value: name,
          text: label.describe('What is lost at the end, with {{n}} for the number.'),
          textOne: label.optional().describe('The same for exactly 1.'),
        }),
      )
      .max(10)
      .default([])
      .describe('The loss list of the mail before the end; a line whose value is 0 or missing is left out.'),
    survey: z.strictObject({
      question: label,
      answers: z
        .array(z.strictObject({ id: z.string().regex(/^[a-z0-9_-]{1,40}$/), text: label }))
        .min(2)
        .max(8),
    }),
    paidFeature: z
      .strictObject({ event: name, name: label })
      .optional()
      .describe('The paid feature whose attempt the upgrade mail mentions.'),
    costs: z
      .array(
        z.strictObject({
          category: z.enum(['staff', 'tooling', 'sending', 'list']),
          amountMinor: z.int(),
          per: z.enum(['month', 'message']),
        }),
      )
      .default([]),
    benchmarks: z.record(z.string(), z.number()).default({}),
  })
  .superRefine((playbook, context) => {
    const milestones = new Set(playbook.milestones.map((milestone) => milestone.name))
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    const unique = (list: readonly { id?: string; name?: string }[], path: string) => {
      const seen = new Set<string>()
      list.forEach((item, index) => {
        const key = item.id ?? item.name ?? ''
        if (seen.has(key)) complain([path, index], `"${key}" is used twice`)
        seen.add(key)
      })
    }
    unique(playbook.milestones, 'milestones')
    unique(playbook.messages, 'messages')
    unique(playbook.nudges, 'nudges')
    for (const [index, of] of (playbook.activation.of ?? []).entries())
      if (!milestones.has(of)) complain(['activation', 'of', index], `there is no milestone "${of}"`)
    playbook.messages.forEach((rule, index) => {
      const named = rule.anchor.startsWith('milestone:') ? rule.anchor.slice('milestone:'.length) : null
      if (named !== null && !milestones.has(named))
        complain(['messages', index, 'anchor'], `there is no milestone "${named}"`)
      if (rule.milestone !== undefined && !milestones.has(rule.milestone))
        complain(['messages', index, 'milestone'], `there is no milestone "${rule.milestone}"`)
    })
    const formulas: Record<string, Formula> = {}
    for (const [value, { formula }] of Object.entries(playbook.values)) {
      const parsed = parseFormula(formula)
      if (parsed.ok) formulas[value] = parsed.formula
      else complain(['values', value, 'formula'], `${parsed.error} (at character ${parsed.at + 1})`)
    }
    const circular = circularValue(formulas)
    if (circular !== null) complain(['values', circular, 'formula'], `"${circular}" depends on itself`)
    for (const [index, loss] of playbook.losses.entries())
      if (!(loss.value in playbook.values))
        complain(['losses', index, 'value'], `there is no value "${loss.value}"`)
  })
  .meta({ id: 'Playbook', title: 'Trialpace playbook' })

/** A playbook as parsed: every default filled in. */
export type Playbook = z.output<typeof playbookSchema>
/** A playbook as a person writes it. */
export type PlaybookInput = z.input<typeof playbookSchema>
export type MessageRule = Playbook['messages'][number]
export type NudgeRule = Playbook['nudges'][number]
export type Milestone = Playbook['milestones'][number]
export type SendWindow = z.output<typeof windowSchema>
