import * as z from 'zod'
import { define, workspaceOwned } from './definition.ts'
import { instant } from './parts.ts'

/** Pictures that a team uploaded. */
export const brandDocuments = {
  /** Id: `<hash of its bytes>.png` or `.jpg`, so two workspaces with the same picture share it; base64. */
  'brand-logo': define({
    body: z.strictObject({ data: z.string() }),
    owner: { of: 'server' },
    keep: 'forever',
  }),
  /** Those of a workspace, newest first; id: workspace. */
  'brand-logos': define({
    body: z.strictObject({
      logos: z
        .array(z.strictObject({ file: z.string(), width: z.int(), height: z.int(), at: instant }))
        .readonly(),
    }),
    owner: workspaceOwned,
    keep: 'forever',
  }),
}
