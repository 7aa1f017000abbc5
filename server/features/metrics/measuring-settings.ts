import type * as z from 'zod'
import { type measuringChangeSchema, measuringSchema } from '../../../shared/api/metrics.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'

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
    const { before, after } = await updateDocument(documents, kind, workspaceId, (stored) => ({
      ...measuringSchema.parse(stored ?? {}),
      ...change,
    }))
    return { before: measuringSchema.parse(before ?? {}), after: measuringSchema.parse(after) }
  },
})
