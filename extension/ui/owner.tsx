import type { CardProps } from './props.ts'

/** Who of the team looks after this person. */
export function Owner({ card, view, store, ask }: CardProps) {
  const { owner, userId } = card
  const names = [...new Set([...view.team, ...(owner ? [owner] : [])])]
  if (names.length === 0) return null
  const email = view.selected ?? card.email
  const assign = (event: Event & { currentTarget: HTMLSelectElement }) => {
    if (!event.isTrusted) return
    const chosen = event.currentTarget.value || null
    void store.change(() => ask('own', { userId, email, owner: chosen }))
  }
  return (
    <label class="owner">
      Owner
      <select value={owner ?? ''} disabled={view.busy} onChange={assign}>
        <option value="">No one</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
