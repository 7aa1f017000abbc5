import fc from 'fast-check'
import type { Condition } from '../../shared/condition.ts'
import { messageRuleSchema } from '../../shared/playbook/messages.ts'
import { nudgeRuleSchema } from '../../shared/playbook/nudges.ts'
import type { MessageRule, NudgeRule } from '../../shared/playbook.ts'
import {
  messageKinds,
  nudgeFormats,
  paces,
  recipientRoles,
  segments,
  trialStatuses,
} from '../../shared/trial.ts'

/** Rules as teams could write them: everything the schema allows, and nothing else. */

const name = fc
  .oneof(
    fc.constantFrom(
      'Board Created',
      'Teammate Invited',
      'Xuất báo cáo',
      '보고서',
      'a "quoted" name',
      '{when}',
    ),
    fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-composite' }),
  )
  .map((text) => text.trim())
  .filter((text) => text.length > 0 && text.length <= 200)
const id = fc.stringMatching(/^[a-z0-9_-]{1,20}$/)
const label = name
const wholeNumber = (min: number, max: number) => fc.integer({ min, max })
const scalar = fc.oneof(name, fc.integer(), fc.boolean())
const bounds = fc.record(
  { atLeast: fc.integer(), atMost: fc.integer() },
  { requiredKeys: [], noNullPrototype: true },
)
const unit = fc.constantFrom('s', 'm', 'h', 'd', 'w')
const positiveDuration = fc.tuple(wholeNumber(0, 999_999), unit).map(([n, u]) => `${n}${u}`)
const anyDuration = fc
  .tuple(fc.constantFrom('', '-', '+'), wholeNumber(0, 999_999), unit)
  .map(([sign, n, u]) => `${sign}${n}${u}`)
const subset = <T>(all: readonly T[]) => fc.subarray([...all], { minLength: 1 })

const question = {
  segment: subset(segments),
  pace: subset(paces),
  status: subset(trialStatuses),
  reached: name,
  event: fc.tuple(name, bounds).map(([event, range]) => ({ name: event, ...range })),
  trait: fc.record(
    {
      path: name,
      is: scalar,
      in: fc.array(scalar, { minLength: 1, maxLength: 3 }),
      endsWith: fc.array(name, { minLength: 1, maxLength: 3 }),
      exists: fc.boolean(),
      atLeast: fc.integer(),
      atMost: fc.integer(),
    },
    { requiredKeys: ['path'], noNullPrototype: true },
  ),
  value: fc.tuple(name, bounds).map(([value, range]) => ({ name: value, ...range })),
  score: bounds,
  surveyAnswer: fc.array(name, { minLength: 1, maxLength: 3 }),
  daysLeft: bounds,
}

/** Of at most this many conditions in each other. */
const conditionOf = fc.memo((depth): fc.Arbitrary<Condition> => {
  const inner = depth > 1 ? conditionOf(depth - 1) : null
  const joined = inner && {
    all: fc.array(inner, { maxLength: 2 }),
    any: fc.array(inner, { minLength: 1, maxLength: 2 }),
    not: inner,
  }
  return fc.record(
    { ...question, ...joined },
    { requiredKeys: [], noNullPrototype: true },
  ) as fc.Arbitrary<Condition>
})

export const anyCondition: fc.Arbitrary<Condition> = conditionOf(3).map((condition) => pruned(condition, 4))

/** Keeps the first members only: a condition with all of them says no more, and is slow to make. */
const pruned = (condition: Condition, most: number): Condition =>
  Object.fromEntries(Object.entries(condition).slice(-most)) as Condition

const clockTime = fc
  .tuple(wholeNumber(0, 23), wholeNumber(0, 59))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`)
const anyWindow = fc
  .record({
    weekdays: fc.uniqueArray(wholeNumber(1, 7), { minLength: 1, maxLength: 7 }),
    times: fc.uniqueArray(clockTime, { minLength: 2, maxLength: 2 }),
  })
  .map(({ weekdays, times }) => {
    const [from = '', until = ''] = [...times].sort()
    return { weekdays, from, until }
  })
const anchor = fc.oneof(
  fc.constantFrom('trialStart', 'trialEnd', 'activated', 'lastSeen', 'surveyAnswered', 'extended'),
  fc.tuple(fc.constantFrom('milestone:', 'event:'), name).map(([of, what]) => of + what),
)

export const anyMessageRule: fc.Arbitrary<MessageRule> = fc
  .record(
    {
      id,
      kind: fc.constantFrom(...messageKinds),
      to: fc.oneof(fc.constantFrom(...recipientRoles), subset(recipientRoles)),
      class: fc.constantFrom('trial', 'onboarding', 'service'),
      anchor,
      offset: anyDuration,
      when: anyCondition,
      window: fc.oneof(fc.constantFrom('default', 'any'), anyWindow),
      sendTime: fc.constantFrom('fixed', 'personal'),
      maxLateness: positiveDuration,
      priority: wholeNumber(0, 100),
      repeat: fc.constantFrom('once', 'perCycle'),
      cap: wholeNumber(1, 20),
      template: name,
      subjects: fc.array(label, { maxLength: 3 }),
      sender: fc.constantFrom('product', 'rep'),
      goal: fc.constantFrom('upgrade', 'reply', 'extension', 'survey', 'activation', 'none'),
      quotesEnd: fc.boolean(),
      milestone: name,
    },
    { requiredKeys: ['id', 'kind', 'class', 'anchor'] },
  )
  .map((rule) => messageRuleSchema.parse(rule))

export const anyNudgeRule: fc.Arbitrary<NudgeRule> = fc
  .record(
    {
      id,
      format: fc.constantFrom(...nudgeFormats),
      on: fc.oneof(fc.constant('any'), fc.record({ event: name }), fc.record({ page: name })),
      when: anyCondition,
      decide: fc.constantFrom('local', 'server'),
      content: fc.record(
        {
          title: label,
          body: fc.string({ maxLength: 60 }),
          action: fc.record({ label: fc.constantFrom('Go', 'See plans'), url: name }),
          dismiss: fc.string({ maxLength: 20 }),
          question: label,
          answers: fc.array(label, { maxLength: 3 }),
        },
        { requiredKeys: ['title'] },
      ),
      translations: fc.dictionary(id, fc.dictionary(id, label, { maxKeys: 2, noNullPrototype: true }), {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      anchor: name,
      meter: fc.record({ event: name, limit: wholeNumber(1, 1000), unit: fc.constantFrom('cards', '개') }),
      priority: wholeNumber(0, 100),
      maxShows: wholeNumber(1, 100),
      snooze: positiveDuration,
      holdoutShare: fc.double({ min: 0, max: 0.5, noNaN: true }),
    },
    { requiredKeys: ['id', 'format', 'content'] },
  )
  .map((rule) => nudgeRuleSchema.parse(rule))
