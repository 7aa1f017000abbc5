import * as z from 'zod'
import type { ApiTable } from './endpoint.ts'
import { jobSchema } from './jobs.ts'

/** From a trial for each person to one for each company, and back. */

const at = z.iso.datetime()

const traitBody = z.strictObject({
  trait: z
    .string()
    .min(1)
    .max(64)
    .default('groupId')
    .describe('The trait that names the company of a person; `groupId` is what `group` calls have said.'),
})

const previewSchema = z
  .object({
    trait: z.string(),
    people: z.int().describe('With a trial of their own.'),
    joining: z.int().describe('Of them, those whose company is known.'),
    companies: z.int().describe('That they become.'),
    alone: z.int().describe('Without a company: they keep a trial of their own.'),
    unclear: z.int().describe('How many need a look; at most 100 of them are listed.'),
    look: z.array(
      z.object({ userId: z.string().nullable(), companyId: z.string().nullable(), why: z.string() }),
    ),
    largest: z.array(z.object({ companyId: z.string(), members: z.int() })),
    complete: z.boolean().describe('false: there are more people than were looked at.'),
  })
  .meta({ id: 'CompanySwitchPreview' })

const switchSchema = z
  .object({
    of: z.enum(['person', 'company']).describe('Who has a trial now.'),
    trialists: z.int().describe('Trials there are.'),
    last: z
      .object({
        trait: z.string(),
        state: z.enum(['switching', 'done', 'undoing', 'undone']),
        at,
        people: z.int(),
        companies: z.int(),
        job: jobSchema.nullable(),
      })
      .nullable()
      .describe('The last switch; null: there was none.'),
    undo: z
      .object({ possible: z.boolean(), why: z.string().nullable() })
      .describe('Whether it can be taken back, and why not.'),
  })
  .meta({ id: 'CompanySwitch' })

const started = { description: 'Under way; ask again for its progress', schema: switchSchema }

export const companySwitchApi = {
  'GET /api/company-switch': {
    answers: { 200: { description: 'Where it is', schema: switchSchema } },
  },
  'POST /api/company-switch/preview': {
    body: traitBody,
    answers: { 200: { description: 'What it would come to; nothing is changed', schema: previewSchema } },
  },
  'POST /api/company-switch': { body: traitBody, answers: { 202: started } },
  'DELETE /api/company-switch': { answers: { 202: started } },
} satisfies ApiTable
