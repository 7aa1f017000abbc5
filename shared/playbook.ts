import { checkReferences } from './playbook/check-references.ts'
import { type Playbook, playbookFields } from './playbook/fields.ts'

export type { Playbook, PlaybookInput } from './playbook/fields.ts'

/**
 * The playbook: everything a product team may decide, in one declarative, versioned document. The server applies
 * it to each trialist at each event; nothing in it is a schedule, so a changed end date moves all that depends on it.
 */
export const playbookSchema = playbookFields
  .superRefine((playbook, context) =>
    checkReferences(playbook, (path, message) =>
      context.addIssue({ code: 'custom', path: [...path], message }),
    ),
  )
  .meta({ id: 'Playbook', title: 'Trialpace playbook' })

export type MessageRule = Playbook['messages'][number]
export type NudgeRule = Playbook['nudges'][number]
export type Milestone = Playbook['milestones'][number]
export type SendWindow = Playbook['window']
