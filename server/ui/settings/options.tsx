export interface Option {
  value: string
  label: string
  meaning: string
}

/** A choice of one, each with what it means. */
export function Options({
  name,
  legend,
  options,
  chosen,
}: {
  name: string
  legend: string
  options: readonly Option[]
  chosen: string
}) {
  return (
    <fieldset class="options">
      <legend>{legend}</legend>
      {options.map(({ value, label, meaning }) => (
        <label key={value} class="option">
          <input type="radio" name={name} value={value} defaultChecked={value === chosen} />
          <span>
            {label}
            <small>{meaning}</small>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
