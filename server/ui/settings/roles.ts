import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { type Role, roles } from '../../../shared/roles.ts'
import type { Option } from './options.tsx'

export type Account = AnswerOf<'POST /api/accounts'>

const meanings: Record<Role, { label: string; meaning: string }> = {
  analyst: { label: 'Analyst', meaning: 'Sees metrics, and nothing about individual people.' },
  rep: {
    label: 'Rep',
    meaning: 'Works with trialists: sees them, extends and pauses trials, sends test emails.',
  },
  admin: { label: 'Admin', meaning: 'Also changes the playbook, settings and keys, and erases people.' },
  owner: { label: 'Owner', meaning: 'Also decides who can sign in, and with which role.' },
}

/** Of a choice in a form. */
export const readRole = (value: unknown): Role => roles.find((role) => role === value) ?? 'analyst'

export const roleWord = (role: Role): string => meanings[role].label
export const roleOptions: readonly Option[] = roles.map((value) => ({ value, ...meanings[value] }))
