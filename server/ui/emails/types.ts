import type { MessageKind } from '../../../shared/trial.ts'

/** What the API says about mails that have not been sent. */

export interface Finding {
  level: 'error' | 'warning'
  check: string
  detail: string
}

export type SpamCheck =
  | { state: 'checked'; score: number; rules: { name: string; points: number }[] }
  | { state: 'not_asked' | 'not_set_up' | 'unreachable' }

export interface MailPreview {
  subject: string
  preheader: string
  html: string
  text: string
  findings: Finding[]
  spam: SpamCheck
}

export interface TemplateRule {
  id: string
  /** None: the template’s own. */
  subjects: string[]
  enabled: boolean
}

export interface Templates {
  templates: { kind: MessageKind; rules: TemplateRule[] }[]
  locales: string[]
  fixtures: string[]
}

export interface MailFinding extends Finding {
  kind: MessageKind
  rule: string | null
  locale: string
  fixture: string
  variant: number
}

export interface LintReport {
  at: string
  playbookVersion: number
  mails: number
  errors: number
  warnings: number
  spam:
    | { state: 'checked'; worst: number; kind: MessageKind; locale: string }
    | { state: 'not_set_up' | 'unreachable' }
  findings: MailFinding[]
  /** How many more there are. */
  omitted: number
}

export interface Job {
  id: string
  kind: string
  state: 'queued' | 'running' | 'done' | 'cancelled' | 'failed'
  done: number
  total: number | null
  error: string | null
}
