import * as z from 'zod'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { DocumentStore } from '../../storage/port.ts'

const mode = z
  .enum(['off', 'aggregate', 'individual'])
  .describe(
    'off: nothing is recorded. aggregate: counted, but not whose. individual: for each person, where they consent.',
  )

export const measuringSchema = z
  .strictObject({
    opens: mode.default('individual'),
    clicks: mode.default('individual'),
    viewing: z
      .enum(['off', 'individual'])
      .default('off')
      .describe(
        'individual: how long a mail is looked at, where opens are recorded individually. Ask for consent first.',
      ),
    consent: z
      .enum(['assumed', 'required'])
      .default('assumed')
      .describe(
        'required: a person is followed only after saying yes (consent.tracking true); else they are counted.',
      ),
    attributionDays: z
      .int()
      .min(1)
      .max(180)
      .default(5)
      .describe('How many days before a conversion a mail may be credited with it.'),
    spamScore: z
      .number()
      .min(0)
      .max(10)
      .nullable()
      .default(null)
      .describe('Worst score of your mails by SpamAssassin, 10 is best; the check of your mails enters it.'),
    spamScoreAt: z.iso.datetime().nullable().default(null).describe('When that was found.'),
  })
  .meta({ id: 'MeasuringSettings' })

export type MeasuringSettings = z.output<typeof measuringSchema>

const kind = 'measuring'

export interface MeasuringStore {
  get(workspaceId: WorkspaceId): Promise<MeasuringSettings>
  put(workspaceId: WorkspaceId, settings: MeasuringSettings): Promise<void>
  /** Leaves everything else as it stands, also what changes in the same moment. */
  setSpamScore(workspaceId: WorkspaceId, score: number, at: string): Promise<void>
}

export const createMeasuringStore = (documents: DocumentStore): MeasuringStore => ({
  get: async (workspaceId) => measuringSchema.parse((await documents.get(kind, workspaceId))?.body ?? {}),
  async put(workspaceId, settings) {
    await documents.put(kind, workspaceId, settings)
  },
  async setSpamScore(workspaceId, spamScore, spamScoreAt) {
    for (;;) {
      const found = await documents.get(kind, workspaceId)
      const settings = { ...measuringSchema.parse(found?.body ?? {}), spamScore, spamScoreAt }
      if ((await documents.put(kind, workspaceId, settings, found?.version ?? 0)) !== null) return
    }
  },
})
