import * as z from 'zod'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'

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
      'individual: how long a mail is looked at, where opens are recorded individually. Ask for consent first.',
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
    .describe('How many days before a conversion a mail may be credited with it.'),
  spamScore: z
    .number()
    .min(0)
    .max(10)
    .nullable()
    .describe('Worst score of your mails by SpamAssassin, 10 is best; the check of your mails enters it.'),
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

export type MeasuringSettings = z.output<typeof measuringSchema>

const kind = 'measuring'

export interface MeasuringStore {
  get(workspaceId: WorkspaceId): Promise<MeasuringSettings>
  /** Leaves everything else as it stands, also what changes in the same moment. */
  change(
    workspaceId: WorkspaceId,
    change: z.output<typeof measuringChangeSchema>,
  ): Promise<{ before: MeasuringSettings; after: MeasuringSettings }>
}

export const createMeasuringStore = (documents: DocumentStore): MeasuringStore => ({
  get: async (workspaceId) => measuringSchema.parse((await documents.get(kind, workspaceId))?.body ?? {}),
  async change(workspaceId, change) {
    const { before, after } = await updateDocument<unknown>(documents, kind, workspaceId, (stored) => ({
      ...measuringSchema.parse(stored ?? {}),
      ...change,
    }))
    return { before: measuringSchema.parse(before ?? {}), after: measuringSchema.parse(after) }
  },
})
