import { useId } from 'preact/hooks'
import type { ContentBlock } from '../../../shared/playbook/content.ts'
import type { Fault } from '../../../shared/problems.ts'
import { styleNames, targetNames } from './words.ts'

interface MemberParts {
  readonly block: ContentBlock
  readonly faults: readonly Fault[]
  readonly values: Readonly<Record<string, string>>
  readonly change: (members: Readonly<Record<string, unknown>>, step?: string) => void
}

/** What a block is besides its words. */
export function BlockMembers(parts: MemberParts) {
  const { block, change } = parts
  switch (block.type) {
    case 'text':
      return <Choice label="Style" value={block.style} of={styleNames} set={(style) => change({ style })} />
    case 'button':
      return <Target {...parts} to={block.to} url={block.url} />
    case 'milestones':
      return (
        <Choice
          label="Lists"
          value={block.show}
          of={{ reached: 'those reached', all: 'all, those not reached unticked' }}
          set={(show) => change({ show })}
        />
      )
    case 'values':
      return <Values {...parts} only={block.only} quotas={block.quotas} />
    case 'price':
      return <Flag label="Also how one can pay" value={block.pay} set={(pay) => change({ pay })} />
    case 'image':
      return <Picture {...parts} image={block} />
    default:
      return null
  }
}

function Choice<Value extends string>({
  label,
  value,
  of,
  set,
}: {
  label: string
  value: Value
  of: Readonly<Record<Value, string>>
  set: (value: Value) => void
}) {
  return (
    <label class="member">
      <span>{label}</span>
      <select value={value} onChange={(event) => set(event.currentTarget.value as Value)}>
        {Object.entries<string>(of).map(([one, name]) => (
          <option key={one} value={one}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

const Flag = ({ label, value, set }: { label: string; value: boolean; set: (value: boolean) => void }) => (
  <label class="check member">
    <input type="checkbox" checked={value} onChange={() => set(!value)} /> {label}
  </label>
)

const faultOf = (faults: readonly Fault[], member: string): string | undefined =>
  faults.find(({ pointer }) => pointer.endsWith(`/${member}`))?.detail

function Address({
  label,
  value,
  fault,
  isOptional = false,
  set,
}: {
  label: string
  isOptional?: boolean
  value: string
  fault: string | undefined
  set: (value: string) => void
}) {
  const id = useId()
  const isOdd = value !== '' && !/^https:\/\/[^\s/]+\.[^\s]+$/.test(value)
  const words =
    fault ?? (isOdd ? 'An address begins with https://' : value === '' && !isOptional ? 'It is missing.' : '')
  return (
    <div class="member">
      <label for={id}>{label}</label>
      <input
        id={id}
        inputMode="url"
        placeholder="https://"
        value={value}
        maxLength={2000}
        aria-invalid={words !== ''}
        aria-describedby={`${id}-fault`}
        onInput={(event) => set(event.currentTarget.value.trim())}
      />
      <p id={`${id}-fault`} class="field-error" aria-live="polite">
        {words}
      </p>
    </div>
  )
}

const buttonTargets = (({ unsubscribe: _, view: __, ...others }) => others)(targetNames)

function Target({
  to,
  url,
  faults,
  change,
}: MemberParts & { to: keyof typeof targetNames; url: string | undefined }) {
  return (
    <>
      <Choice
        label="It opens"
        value={to}
        of={
          {
            ...buttonTargets,
            ...(to in buttonTargets ? {} : { [to]: targetNames[to] }),
          } as typeof targetNames
        }
        set={(next) => change({ to: next, ...(next !== 'url' && { url: undefined }) })}
      />
      {to === 'url' && (
        <Address
          label="Web address"
          value={url ?? ''}
          fault={faultOf(faults, 'url')}
          set={(next) => change({ url: next === '' ? undefined : next }, 'url')}
        />
      )}
    </>
  )
}

function Values({
  only,
  quotas,
  values,
  change,
}: MemberParts & { only: readonly string[] | undefined; quotas: boolean }) {
  const ids = Object.keys(values)
  const toggle = (id: string) => {
    const next = ids.filter((one) => (only ?? []).includes(one) !== (one === id))
    change({ only: next.length > 0 ? next : undefined })
  }
  return (
    <>
      <fieldset class="member">
        <legend>Which numbers</legend>
        {ids.map((id) => (
          <label key={id} class="check">
            <input type="checkbox" checked={only?.includes(id) ?? false} onChange={() => toggle(id)} />{' '}
            {values[id]} <code>{id}</code>
          </label>
        ))}
        <p class="quiet">
          {ids.length === 0
            ? 'The playbook has no values yet.'
            : only
              ? ''
              : 'None chosen: the three largest of each person.'}
        </p>
      </fieldset>
      <Flag label="Also the two fullest limits" value={quotas} set={(next) => change({ quotas: next })} />
    </>
  )
}

function Picture({
  image,
  faults,
  change,
}: MemberParts & { image: Extract<ContentBlock, { type: 'image' }> }) {
  const size = (label: string, member: 'width' | 'height') => (
    <label class="member">
      <span>{label}</span>
      <input
        class="short"
        type="number"
        min={1}
        max={1200}
        value={String(image[member])}
        onInput={({ currentTarget: { valueAsNumber: n } }) =>
          Number.isInteger(n) && n >= 1 && n <= 1200 && change({ [member]: n }, member)
        }
      />
    </label>
  )
  return (
    <>
      <Address
        label="Address of the picture"
        value={image.src}
        fault={faultOf(faults, 'src')}
        set={(src) => change({ src }, 'src')}
      />
      <Address
        label="Another one for dark mode (if needed)"
        value={image.dark ?? ''}
        fault={faultOf(faults, 'dark')}
        isOptional
        set={(dark) => change({ dark: dark === '' ? undefined : dark }, 'dark')}
      />
      <Choice
        label="A click opens"
        value={image.to ?? 'nothing'}
        of={{ nothing: 'nothing', ...targetNames }}
        set={(to) => change(to === 'nothing' ? { to: undefined, url: undefined } : { to })}
      />
      {image.to === 'url' && (
        <Address
          label="Web address"
          value={image.url ?? ''}
          fault={faultOf(faults, 'url')}
          set={(url) => change({ url: url === '' ? undefined : url }, 'url')}
        />
      )}
      <div class="row start">
        {size('Width', 'width')}
        {size('Height', 'height')}
      </div>
    </>
  )
}
