import { useEffect, useRef } from 'preact/hooks'
import type { Card } from '../../shared/api/card.ts'
import { kindLabels } from '../../shared/labels.ts'
import { type Choice, reasons } from './extend-plan.ts'
import { dateText } from './format.ts'

type Move = Card['extend']['previews'][number]['moves'][number]
const moveText = ({ from, to }: Move, timeZone: string): string =>
  [from, to].map((at) => (at ? dateText(at, timeZone) : 'not planned')).join(' → ')

const dayText = (day: string): string => dateText(`${day}T12:00:00Z`, 'UTC')

interface Parts {
  card: Card
  choice: Choice
  setChoice: (choice: Choice) => void
  range: { min: string; max: string }
  isOutside: boolean
  hasPreview: boolean
}

/** How long, why, and what would move with it. */
export function ExtendFields({ card, choice, setChoice, range, isOutside, hasPreview }: Parts) {
  const { maxDays, previews } = card.extend
  const preview = hasPreview && previews.find(({ days }) => days === choice.days)
  return (
    <>
      <HowLong card={card} choice={choice} setChoice={setChoice} range={range} isOutside={isOutside} />
      {isOutside && (
        <p class="fault" role="alert">
          Choose a day from {dayText(range.min)} to {dayText(range.max)}: the playbook allows {maxDays} more
          days.
        </p>
      )}
      {preview && (
        <p class="preview">
          New end: <strong>{dateText(preview.endsAt, card.timeZone)}</strong>
          {preview.moves.map((move) => (
            <span key={`${move.kind}${move.from ?? move.to}`}>
              {kindLabels[move.kind]} <i>{moveText(move, card.timeZone)}</i>
            </span>
          ))}
        </p>
      )}
      <label>
        Reason
        <select
          value={choice.reason}
          onChange={(event) => setChoice({ ...choice, reason: event.currentTarget.value })}
        >
          {reasons.map((text) => (
            <option key={text}>{text}</option>
          ))}
          <option value="Other">Other</option>
        </select>
      </label>
      <label>
        Note
        <input
          value={choice.note}
          maxLength={2000}
          onInput={(event) => setChoice({ ...choice, note: event.currentTarget.value })}
        />
      </label>
    </>
  )
}

function HowLong({ card, choice, setChoice, range, isOutside }: Omit<Parts, 'hasPreview'>) {
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const { options, maxDays } = card.extend
  const set = (days: number | null) => setChoice({ ...choice, days })
  return (
    <fieldset>
      <legend>How long</legend>
      {options
        .filter((option) => option <= maxDays)
        .map((option, index) => (
          <label key={option} class="option">
            <input
              ref={index === 0 ? first : null}
              type="radio"
              name="days"
              checked={choice.days === option}
              onChange={() => set(option)}
            />
            {option} days
          </label>
        ))}
      <label class="option">
        <input type="radio" name="days" checked={choice.days === null} onChange={() => set(null)} />
        until
      </label>
      <input
        type="date"
        aria-label="New last day"
        value={choice.until}
        min={range.min}
        max={range.max}
        aria-invalid={isOutside}
        onInput={(event) => setChoice({ ...choice, days: null, until: event.currentTarget.value })}
      />
    </fieldset>
  )
}
