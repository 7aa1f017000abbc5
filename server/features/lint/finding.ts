export interface Finding {
  readonly level: 'error' | 'warning'
  /** Stable name of the check, e.g. `subject-length`. */
  readonly check: string
  readonly detail: string
}

export const error = (check: string, detail: string): Finding => ({ level: 'error', check, detail })
export const warning = (check: string, detail: string): Finding => ({ level: 'warning', check, detail })
