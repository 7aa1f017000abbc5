import { isPublicDomain, isSameMailbox } from '../shared/mailbox.ts'
import type { Settings } from './settings.ts'

/** Why an address is not sent to the server: the person’s own wish, or it is someone of the rep’s own company. */
export type Skipped = 'never' | 'colleague'

export interface LookUpPlan {
  ask: string[]
  skipped: Record<string, Skipped>
}

/** Whether a person’s wish keeps this address in the tab. */
function mayLookUp(email: string, settings: Settings): boolean {
  const domain = email.slice(email.lastIndexOf('@'))
  return !settings.neverLookUp.some((entry) => {
    const wish = entry.trim().toLowerCase()
    return wish !== '' && (wish === email || wish === domain || `@${wish}` === domain)
  })
}

const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1)

/** Domains that make someone a colleague; addresses at a public provider make no one one. */
export const colleagueDomains = (ownAddresses: readonly string[], told: readonly string[]): Set<string> =>
  new Set(
    [...ownAddresses.map(domainOf), ...told.map((domain) => domain.replace(/^@/, ''))].filter(
      (domain) => domain !== '' && !isPublicDomain(domain),
    ),
  )

/** @param isSearch the rep typed the address or asked for it: colleagues too are then looked up. */
export function lookUpPlan(
  emails: readonly string[],
  {
    settings,
    own,
    domains,
    isSearch,
  }: {
    settings: Settings
    own: readonly string[]
    domains: ReadonlySet<string>
    isSearch: boolean
  },
): LookUpPlan {
  const plan: LookUpPlan = { ask: [], skipped: {} }
  for (const email of new Set(emails)) {
    if (!mayLookUp(email, settings)) plan.skipped[email] = 'never'
    else if (isSearch) plan.ask.push(email)
    else if (domains.has(domainOf(email)) || own.some((mine) => isSameMailbox(mine, email)))
      plan.skipped[email] = 'colleague'
    else plan.ask.push(email)
  }
  return plan
}
