import * as z from 'zod'
import type { Condition } from './condition.ts'
import { paces, segments, trialStatuses } from './trial.ts'

const bounds = { atLeast: z.number().optional(), atMost: z.number().optional() }
const scalar = z.union([z.string().max(500), z.number(), z.boolean()])
const name = z.string().min(1).max(200)

export const conditionSchema: z.ZodType<Condition> = z
  .lazy(() =>
    z.strictObject({
      all: z.array(conditionSchema).max(20).optional(),
      any: z.array(conditionSchema).min(1).max(20).optional(),
      not: conditionSchema.optional(),
      segment: z.array(z.enum(segments)).min(1).optional(),
      pace: z.array(z.enum(paces)).min(1).optional(),
      status: z.array(z.enum(trialStatuses)).min(1).optional(),
      reached: name.optional(),
      event: z.strictObject({ name, ...bounds }).optional(),
      trait: z
        .strictObject({
          path: name,
          is: scalar.optional(),
          in: z.array(scalar).min(1).max(100).optional(),
          endsWith: z.array(z.string().min(1)).min(1).max(100).optional(),
          exists: z.boolean().optional(),
          ...bounds,
        })
        .optional(),
      value: z.strictObject({ name, ...bounds }).optional(),
      score: z.strictObject(bounds).optional(),
      surveyAnswer: z.array(name).min(1).optional(),
      daysLeft: z.strictObject(bounds).optional(),
    }),
  )
  .meta({ id: 'Condition', description: 'A question about one trialist; all keys must hold.' })
