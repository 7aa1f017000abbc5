import type { Role } from '../shared/api.ts'
import type { Option } from './options.tsx'

export interface Account {
  id: string
  name: string
  email: string
  role: Role
  createdAt: string
}

const meanings: Record<Role, { label: string; meaning: string }> = {
  analyst: { label: 'Analyst', meaning: 'Sees the figures, and nothing about a single person.' },
  rep: { label: 'Rep', meaning: 'Works with trialists: sees them, extends and pauses trials, tests mails.' },
  admin: { label: 'Admin', meaning: 'Also changes the playbook, settings and keys, and erases people.' },
  owner: { label: 'Owner', meaning: 'Also decides who may sign in, and in which role.' },
}

export const roleWord = (role: Role): string => meanings[role].label
export const roleOptions: readonly Option[] = Object.entries(meanings).map(([value, words]) => ({
  value,
  ...words,
}))
