import { useId, useState } from 'preact/hooks'
import type { Variable } from './types.ts'

const groupNames: Readonly<Record<Variable['group'], string>> = {
  person: 'The person',
  product: 'Your product',
  trial: 'Their trial',
  progress: 'Their progress',
  numbers: 'Their numbers',
  links: 'Links',
  traits: 'Traits',
}

/** “missing for 12 of 40 who would get this”; nothing where everyone has it. */
export const missingText = ({ missingFor }: Variable): string =>
  missingFor === null || missingFor.of === 0 || missingFor.people === 0
    ? ''
    : `missing for ${missingFor.people} of ${missingFor.of} who would get this`

/** Everything that words may name, with what it says for the person of the preview. */
export function VariablePicker({
  variables,
  choose,
  close,
}: {
  variables: readonly Variable[]
  choose: (name: string) => void
  close: () => void
}) {
  const [search, setSearch] = useState('')
  const id = useId()
  const wanted = search.trim().toLowerCase()
  const found = variables.filter(({ name, label, value }) =>
    [name, label, value ?? ''].some((text) => text.toLowerCase().includes(wanted)),
  )
  return (
    <fieldset
      class="picker"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
        const isSearch = event.target instanceof HTMLInputElement
        const [first] = found
        if (event.key === 'Enter' && isSearch && first) {
          event.preventDefault()
          choose(first.name)
        }
      }}
    >
      <legend class="sr">Insert a variable</legend>
      <label for={id} class="sr">
        Find a variable
      </label>
      <input
        id={id}
        type="search"
        autofocus
        placeholder="Find: name, company, hours …"
        value={search}
        maxLength={80}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <ul class="picker-list">
        {found.map((variable, index) => (
          <li key={variable.name}>
            {variable.group !== found[index - 1]?.group && (
              <p class="picker-group">{groupNames[variable.group]}</p>
            )}
            <button type="button" class="plain" onClick={() => choose(variable.name)}>
              <span>{variable.label}</span>
              <small>
                {variable.value ?? 'not known for this person'}
                {missingText(variable) && ` · ${missingText(variable)}`}
              </small>
            </button>
          </li>
        ))}
      </ul>
      <p class="quiet" role="status">
        {found.length === 0 && 'No variable like this.'}
      </p>
      <button type="button" class="plain" onClick={close}>
        Close
      </button>
    </fieldset>
  )
}
