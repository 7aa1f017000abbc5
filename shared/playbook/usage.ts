import * as z from 'zod'
import { conditionSchema } from '../condition-schema.ts'
import { label, name, positiveDuration, webAddress } from './words.ts'

/** How usage is read: what is to be reached, how fast, by whom, and what it says of the wish to buy. */

export const milestoneSchema = z
  .strictObject({
    name: name.describe('Shown to trialists and reps; conditions and anchors refer to it.'),
    event: name.describe('Name of the tracked event.'),
    threshold: z.int().min(1).max(1000).default(1),
    hint: label.optional().describe('What to do next to reach it, in one sentence to the trialist.'),
    url: webAddress.optional().describe('Where in the product it is done.'),
    label: z.string().max(40).optional().describe('Text of the button that leads there.'),
  })
  .meta({ id: 'Milestone' })

export const fitRuleSchema = z
  .strictObject({
    when: conditionSchema,
    segment: z.enum(['unqualified', 'opportunist']),
    why: label.describe('The reason in words, as reps read it.'),
    pitchWhenActivated: z
      .boolean()
      .optional()
      .describe(
        'Whether reaching the milestones lifts the ban on pitches. Default: for opportunists yes, for unqualified people no.',
      ),
  })
  .meta({ id: 'FitRule', description: 'First rule that holds decides; none means good fit.' })

export const paceSchema = z.strictObject({
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

export const scoringSchema = z.strictObject({
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
