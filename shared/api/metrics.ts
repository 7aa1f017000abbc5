import * as z from 'zod'
import { daySchema } from '../dates.ts'
import { messageKinds } from '../trial.ts'
import type { ApiTable, Frozen } from './endpoint.ts'
import { jobSchema } from './jobs.ts'

const groupings = ['day', 'rule', 'kind', 'variant', 'locale'] as const
export type Grouping = (typeof groupings)[number]

export const day = daySchema.describe('UTC day.')

const part = z.string().min(1).max(80)

const kpiQuerySchema = z.strictObject({
  from: day.optional().describe('First UTC day; 28 days up to `to` when absent.'),
  to: day.optional().describe('Last UTC day; today when absent.'),
  rule: part.optional(),
  kind: part.optional(),
  variant: z
    .string()
    .regex(/^\d{1,2}$/)
    .optional(),
  locale: part.optional(),
  by: z.enum(groupings).optional().describe('Adds the values of each group.'),
  format: z.enum(['json', 'csv']).default('json'),
})

const interval = z.object({ low: z.number(), high: z.number() }).nullable()

const figure = z.object({
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  /** Never a division by nothing. */
  value: z.number().nullable().describe('null: cannot be told, see `action` and `why`.'),
  interval: interval.describe('Wilson, 95 %.'),
  n: z.number().describe('What the value rests on: emails, opens or people.'),
  quality: z
    .enum(['verified', 'adjusted', 'raw', 'not_measurable'])
    .describe(
      'verified: proved by the product itself, the person’s own words or the billing system. adjusted: machines are taken out by rules. raw: as it came. not_measurable: something is missing; `action` says what to do.',
    ),
})

const namedFigure = figure.extend({
  id: z.string(),
  name: z.string(),
  unit: z.enum(['share', 'count', 'ratio', 'money', 'score']),
})

const metricSchema = namedFigure
  .extend({
    number: z.int().describe('1 to 21, the order in which the practice names them.'),
    groups: z.array(z.enum(['acquire', 'own', 'engage'])),
    benchmark: z
      .object({
        value: z.number(),
        better: z.enum(['above', 'below']).describe('Which side is good.'),
        source: z.string(),
      })
      .nullable(),
    why: z.string().describe('How the value is made and what to make of it.'),
    action: z
      .string()
      .nullable()
      .describe('What a person has to do before this can be measured; null when it is.'),
    others: z.array(namedFigure).describe('The same thing by other definitions, side by side.'),
    breakdown: z.array(z.object({ name: z.string(), count: z.number(), share: z.number().nullable() })),
    alarm: z.string().nullable().describe('Something to look at now.'),
    before: z.number().nullable().describe('The value of the same number of days before.'),
  })
  .meta({ id: 'Metric' })

/** One of the 21 metrics as the API tells it. */
export type MetricAnswer = Frozen<z.output<typeof metricSchema>>

const kpiAnswerSchema = z.object({
  from: day,
  to: day,
  currency: z.string(),
  metrics: z.array(metricSchema),
  holdout: z
    .object({ treated: figure, heldOut: figure, lift: z.number().nullable(), interval })
    .describe('What the emails bring beyond what happens without them.'),
  series: z
    .array(
      z.object({
        key: z.string(),
        delivered: z.number(),
        values: z.record(z.string(), z.number().nullable()),
      }),
    )
    .optional(),
})

const mode = z
  .enum(['off', 'aggregate', 'individual'])
  .describe(
    'off: nothing is recorded. aggregate: counted, but not whose. individual: for each person, where they consent.',
  )

const fields = z.strictObject({
  opens: mode,
  clicks: mode,
  viewing: z
    .enum(['off', 'individual'])
    .describe(
      'individual: how long an email is looked at, where opens are recorded individually. Ask for consent first.',
    ),
  consent: z
    .enum(['assumed', 'required'])
    .describe(
      'required: a person is followed only after saying yes (consent.tracking true); else they are counted.',
    ),
  attributionDays: z
    .int()
    .min(1)
    .max(180)
    .describe('How many days before a conversion an email may be credited with it.'),
  spamScore: z
    .number()
    .min(0)
    .max(10)
    .nullable()
    .describe('Worst score of your emails by SpamAssassin, 10 is best; the check of your emails enters it.'),
  spamScoreAt: z.iso.datetime().nullable().describe('When that was found.'),
})

const { shape } = fields

export const measuringSchema = z
  .strictObject({
    opens: shape.opens.default('individual'),
    clicks: shape.clicks.default('individual'),
    viewing: shape.viewing.default('off'),
    consent: shape.consent.default('assumed'),
    attributionDays: shape.attributionDays.default(5),
    spamScore: shape.spamScore.default(null),
    spamScoreAt: shape.spamScoreAt.default(null),
  })
  .meta({ id: 'MeasuringSettings' })

/** Absent keeps. */
export const measuringChangeSchema = fields.partial().meta({ id: 'MeasuringChange' })

const brakeSchema = z
  .object({
    paused: z.boolean(),
    pausedAt: z.iso.datetime().nullable(),
    pausedWhy: z.string().nullable(),
    verdict: z.enum(['ok', 'warn', 'stop']),
    why: z.string(),
    handed: z.int(),
    complaints: z.int(),
    hardBounces: z.int(),
  })
  .meta({ id: 'MailBrake', description: 'Over the last 28 days.' })

const testSchema = z
  .object({
    ruleId: z.string(),
    kind: z.enum(messageKinds),
    subjects: z.array(z.string()),
    since: z.iso.date(),
    metric: z.enum(['conversion', 'verified_click']),
    arms: z.array(
      z.object({
        variant: z.int(),
        sent: z.int(),
        conversions: z.int(),
        objections: z.int(),
        share: z.number().nullable(),
        interval: z.object({ low: z.number(), high: z.number() }).nullable(),
        probabilityBest: z.number(),
        weight: z.number(),
        stopped: z.string().nullable(),
      }),
    ),
    winner: z.int().nullable(),
    words: z.string(),
  })
  .meta({ id: 'SubjectTest' })

const share = z.object({ numerator: z.int(), denominator: z.int(), rate: z.number().nullable() })

const group = z.object({ people: z.int(), converted: z.int() })

const liftSchema = z
  .object({
    complete: z.boolean().describe('false: there are more trialists than were looked at.'),
    nudges: z.array(
      z.object({
        id: z.string(),
        format: z.string(),
        shown: group,
        heldOut: group.describe('Would have been shown it: the control group.'),
        lift: z.number().nullable().describe('Relative gain in conversion; null while a group is empty.'),
        interval: z.tuple([z.number(), z.number()]).nullable().describe('95 % interval of the lift.'),
      }),
    ),
  })
  .meta({ id: 'NudgeLift' })

export const metricsApi = {
  'GET /api/kpis': {
    query: kpiQuerySchema,
    answers: {
      200: { description: 'The metrics', schema: kpiAnswerSchema, otherMediaTypes: ['text/csv'] },
    },
  },
  'POST /api/kpis/rebuild': {
    answers: { 202: { description: 'The job; one that runs already is given back', schema: jobSchema } },
  },
  'GET /api/measuring': {
    answers: { 200: { description: 'The settings', schema: measuringSchema } },
  },
  'PUT /api/measuring': {
    body: measuringChangeSchema,
    answers: {
      200: {
        description: 'The settings as stored',
        schema: z.object({ settings: measuringSchema, job: jobSchema.nullable() }),
      },
    },
  },
  'GET /api/brake': {
    answers: { 200: { description: 'The brake', schema: brakeSchema } },
  },
  'POST /api/brake/resume': {
    answers: {
      200: { description: 'Whether they were paused', schema: z.object({ resumed: z.boolean() }) },
    },
  },
  'GET /api/subject-tests': {
    answers: {
      200: { description: 'Tests that run', schema: z.object({ tests: z.array(testSchema) }) },
    },
  },
  'GET /api/funnel': {
    answers: {
      200: {
        description: 'Steps, each with how many reached it of all trialists',
        schema: z.object({
          steps: z.array(share.extend({ name: z.string() })),
          statuses: z.object({ trialing: z.int(), ended: z.int(), converted: z.int() }),
          conversion: share.describe('Converted, of those whose trial has ended or who converted.'),
        }),
      },
    },
  },
  'GET /api/nudges': {
    answers: { 200: { description: 'In the order of the playbook', schema: liftSchema } },
  },
} satisfies ApiTable
