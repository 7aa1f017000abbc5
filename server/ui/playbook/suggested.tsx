import { useId } from 'preact/hooks'

/** A text with names to choose from. */
export function Suggested({
  label,
  value,
  known,
  set,
}: {
  label: string
  value: string
  known: readonly string[]
  set: (text: string) => void
}) {
  const list = useId()
  return (
    <>
      <input
        aria-label={label}
        list={list}
        value={value}
        maxLength={200}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <datalist id={list}>
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  )
}
