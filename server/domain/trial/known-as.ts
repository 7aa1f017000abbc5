import type { EmailAddress } from '../../../shared/trial.ts'
import { currentMembers } from './members.ts'
import type { Trial } from './model.ts'

/** What a billing system may call someone. */
export interface KnownAs {
  readonly userId: string | null
  readonly email: EmailAddress | null
}

/** By what a trial is found: its user’s id and address; of a company its own id, and those of its people. */
export const knownAs = ({ userId, company, person }: Trial): KnownAs[] =>
  company
    ? [
        { userId: company.id, email: null },
        ...currentMembers(company).map(([id, member]) => ({ userId: id, email: member.person.email })),
      ]
    : userId === null
      ? []
      : [{ userId, email: person.email }]

/** Changes when {@link knownAs} does; asked at every save, so it is short for most. @returns null: of no one */
export function knownAsKey({ userId, company, person }: Trial): string | null {
  if (company)
    return currentMembers(company)
      .map(([id, member]) => `${id} ${member.person.email ?? ''}`)
      .join()
  return userId === null ? null : (person.email ?? '')
}
