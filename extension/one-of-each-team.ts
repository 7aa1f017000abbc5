import type { Card } from '../shared/api/card.ts'
import type { Person } from './person.ts'

/** People who share a trial have one card: the one who is on show stands for them, else who comes first. */
export function oneOfEachTeam(
  people: readonly Person[],
  cards: Readonly<Record<string, Pick<Card, 'team'> | null>>,
  selected: string | null,
): Person[] {
  const teamOf = (email: string) => cards[email]?.team?.companyId
  const shown = new Map<string, string>()
  for (const { email } of people) {
    const team = teamOf(email)
    if (team !== undefined && (!shown.has(team) || email === selected)) shown.set(team, email)
  }
  return people.filter(({ email }) => {
    const team = teamOf(email)
    return team === undefined || shown.get(team) === email
  })
}
