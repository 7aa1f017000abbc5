import { durationPattern } from '../clock.ts'
import type { Control } from './piece.ts'
import type { Anchor, ChoiceSet, Words } from './words.ts'

/** The value of a control in words. */
export function say(control: Control, value: unknown, words: Words): string {
  if (value === undefined) return 'absent' in control && control.absent ? words.absent[control.absent] : '…'
  switch (control.type) {
    case 'choice':
      return choiceText(control.of, value, words)
    case 'choices':
      return listOf([value].flat(), (one) => choiceText(control.of, one, words), words)
    case 'flag':
      return words.flags[control.of][value ? 'yes' : 'no']
    case 'number':
      return numberText(value, control.as, words)
    case 'dayCounts':
      return listOf(value as unknown[], (one) => unitText(Number(one), 'day', words), words)
    case 'duration':
      return durationText(String(value), words)
    case 'offset':
      return offsetText(String(value), words)
    case 'anchor':
      return anchorText(String(value), words)
    case 'name':
    case 'text':
      return quoted(value, words)
    case 'names':
    case 'texts':
      return textsOf(value as unknown[], control.absent, words)
    case 'window':
      return windowText(value, words)
    case 'trigger':
      return triggerText(value as Trigger, words)
    case 'bounds':
      return boundsText(value as Range, control.as, words)
    case 'test':
      return testText(value as Test, words)
    case 'json':
      return JSON.stringify(value)
  }
}

interface Range {
  readonly atLeast?: number
  readonly atMost?: number
}
interface Test extends Range {
  readonly is?: unknown
  readonly in?: readonly unknown[]
  readonly endsWith?: readonly string[]
  readonly exists?: boolean
}
type Trigger = 'any' | { readonly event: string } | { readonly page: string }
type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week'

/** Puts texts into the slots of a phrase. */
const fill = (phrase: string, slots: Readonly<Record<string, string>>): string =>
  phrase.replace(/\{(\w+)\}/g, (_, slot: string) => slots[slot] ?? '')

const choiceText = (of: ChoiceSet, value: unknown, { choices }: Words): string =>
  (choices[of] as Readonly<Record<string, string>>)[String(value)] ?? String(value)

const number = (value: unknown, { tag }: Words): string =>
  numberFormat(tag, 'number', { maximumFractionDigits: 20 }).format(Number(value))

const unitText = (value: number, unit: Unit, { tag }: Words): string =>
  numberFormat(tag, unit, { style: 'unit', unit, unitDisplay: 'long' }).format(value)

/** Slow to make; there are as many as languages and kinds of numbers. */
const numberFormats = new Map<string, Intl.NumberFormat>()

function numberFormat(tag: string, kind: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${tag} ${kind}`
  const format = numberFormats.get(key) ?? new Intl.NumberFormat(tag, options)
  numberFormats.set(key, format)
  return format
}

function numberText(value: unknown, as: (Control & { type: 'number' })['as'], words: Words): string {
  if (value === null) return words.absent.none
  if (as === 'times') return words.times(Number(value))
  if (as === 'atMostTimes') return fill(words.timesBounds.atMost, { n: words.times(Number(value)) })
  if (as === 'days') return unitText(Number(value), 'day', words)
  if (as === 'percent')
    return numberFormat(words.tag, 'percent', { style: 'percent', maximumFractionDigits: 18 }).format(
      Number(value),
    )
  return number(value, words)
}

const units = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' } as const

function durationText(text: string, words: Words): string {
  const match = durationPattern.exec(text)
  if (!match) return text
  return unitText(Math.abs(Number(match[1])), units[match[2] as keyof typeof units], words)
}

function offsetText(text: string, words: Words): string {
  const count = Number(durationPattern.exec(text)?.[1] ?? 0)
  if (count === 0) return words.offsets.at
  return fill(count < 0 ? words.offsets.before : words.offsets.after, {
    duration: durationText(text, words),
  })
}

function anchorText(anchor: string, words: Words): string {
  const colon = anchor.indexOf(':')
  if (colon < 0) return words.anchors[anchor as Anchor] ?? anchor
  const phrase = words.anchors[anchor.slice(0, colon) as Anchor]
  return fill(phrase, { name: quoted(anchor.slice(colon + 1), words) })
}

/** Numbers and truth stand bare, so that “3” and 3 differ. */
function quoted(value: unknown, words: Words): string {
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (typeof value === 'number') return number(value, words)
  return `${words.quotes[0]}${String(value)}${words.quotes[1]}`
}

const listOf = (values: readonly unknown[], text: (one: unknown) => string, { tag }: Words): string =>
  new Intl.ListFormat(tag, { type: 'disjunction' }).format(values.map(text))

function textsOf(
  values: readonly unknown[],
  absent: keyof Words['absent'] | undefined,
  words: Words,
): string {
  if (values.length === 0) return words.absent[absent ?? 'none']
  return listOf(values, (one) => quoted(one, words), words)
}

/** 1 January 2024 was a Monday. */
const weekday = (day: number, { tag }: Words): string =>
  new Intl.DateTimeFormat(tag, { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, 0, day))

/** Days in a row as “Mon–Fri”; as they were given when they are not ascending. */
function weekdaysText(days: readonly number[], words: Words): string {
  const isRow =
    days.length > 2 && days.every((day, index) => index === 0 || day === (days[index - 1] ?? 0) + 1)
  if (isRow) return `${weekday(days[0] ?? 1, words)}–${weekday(days.at(-1) ?? 7, words)}`
  return days.map((day) => weekday(day, words)).join(', ')
}

function windowText(value: unknown, words: Words): string {
  if (value === 'default' || value === 'any') return words.windows[value]
  const { weekdays, from, until } = value as { weekdays: number[]; from: string; until: string }
  return fill(words.windows.own, { days: weekdaysText(weekdays, words), from, until })
}

function triggerText(on: Trigger, words: Words): string {
  if (on === 'any') return words.triggers.any
  if ('event' in on) return fill(words.triggers.event, { name: quoted(on.event, words) })
  return fill(words.triggers.page, { name: quoted(on.page, words) })
}

function boundsText({ atLeast, atMost }: Range, as: 'number' | 'times', words: Words): string {
  const phrases = as === 'times' ? words.timesBounds : words.bounds
  const text = (n: number) => (as === 'times' ? words.times(n) : number(n, words))
  if (atLeast !== undefined && atMost !== undefined)
    return fill(phrases.both, { least: text(atLeast), most: text(atMost) })
  if (atLeast !== undefined) return fill(phrases.atLeast, { n: text(atLeast) })
  if (atMost !== undefined) return fill(phrases.atMost, { n: text(atMost) })
  return phrases.none
}

/** All tests that a trait has to pass. */
function testText(test: Test, words: Words): string {
  const { tests } = words
  const texts = [
    test.exists === false && tests.missing,
    test.is !== undefined && fill(tests.is, { value: quoted(test.is, words) }),
    test.in && fill(tests.in, { values: listOf(test.in, (one) => quoted(one, words), words) }),
    test.endsWith &&
      fill(tests.endsWith, { values: listOf(test.endsWith, (one) => quoted(one, words), words) }),
    test.atLeast !== undefined && fill(tests.atLeast, { n: number(test.atLeast, words) }),
    test.atMost !== undefined && fill(tests.atMost, { n: number(test.atMost, words) }),
  ].filter((text) => text !== false && text !== undefined)
  return texts.length > 0 ? texts.join(words.and) : tests.exists
}
