import type { Card } from '../../shared/api/card.ts'
import { PageLink } from './page-link.tsx'

/** Everyone who shares this trial: who drives it and who can buy. */
export function Team({
  team,
  server,
  selfId,
}: {
  team: NonNullable<Card['team']>
  server: string | null
  selfId: string
}) {
  return (
    <div class="colleagues">
      <h3>Team in this trial</h3>
      <ul>
        {team.members.map(({ userId, name, email, ...marks }) => (
          <li key={userId} data-self={userId === selfId}>
            <PageLink server={server} userId={userId} title={email ?? userId}>
              {name ?? email ?? userId}
            </PageLink>
            <small>{marksOf(marks)}</small>
          </li>
        ))}
        {team.more > 0 && <li class="muted">and {team.more} more</li>}
      </ul>
    </div>
  )
}

type Marks = Pick<NonNullable<Card['team']>['members'][number], 'role' | 'isChampion' | 'canBuy'>

const marksOf = ({ role, isChampion, canBuy }: Marks): string =>
  [isChampion && 'Champion', canBuy && 'Can buy', role].filter(Boolean).join(' · ')
