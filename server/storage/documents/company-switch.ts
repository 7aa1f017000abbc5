import * as z from 'zod'
import { define, workspaceOwned } from './definition.ts'
import { instant } from './parts.ts'

/** The last switch of a workspace from persons to companies. */
export interface StoredSwitch {
  readonly trait: string
  readonly at: number
  readonly state: 'switching' | 'done' | 'undoing' | 'undone'
  /** Empty until its job is there. */
  readonly jobId: string
  /** What it was to come to. */
  readonly people: number
  readonly companies: number
}

export const companySwitchDocuments = {
  /** Id: the workspace. */
  'company-switch': define<StoredSwitch>({
    body: z.strictObject({
      trait: z.string(),
      at: instant,
      state: z.enum(['switching', 'done', 'undoing', 'undone']),
      jobId: z.string(),
      people: z.int().min(0),
      companies: z.int().min(0),
    }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
}
