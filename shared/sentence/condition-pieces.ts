import type { Condition } from '../condition.ts'
import { type Control, type Group, type Path, type Piece, type Slot, words as textPiece } from './piece.ts'
import { say } from './say.ts'
import { splitPhrase } from './split-phrase.ts'
import type { Question, Words } from './words.ts'

interface QuestionSlot {
  readonly under: Path
  readonly control: Control
  readonly merge?: true
}

const numberBounds: QuestionSlot = { under: [], control: { type: 'bounds', as: 'number' }, merge: true }

/** Where the slots of each question lie in its member of the condition. */
const questionSlots: Readonly<Record<Question, Readonly<Record<string, QuestionSlot>>>> = {
  segment: { segment: { under: [], control: { type: 'choices', of: 'segment' } } },
  pace: { pace: { under: [], control: { type: 'choices', of: 'pace' } } },
  status: { status: { under: [], control: { type: 'choices', of: 'status' } } },
  reached: { reached: { under: [], control: { type: 'name', of: 'milestone' } } },
  event: {
    name: { under: ['name'], control: { type: 'name', of: 'event' } },
    bounds: { under: [], control: { type: 'bounds', as: 'times' }, merge: true },
  },
  trait: {
    path: { under: ['path'], control: { type: 'name', of: 'trait' } },
    test: { under: [], control: { type: 'test' }, merge: true },
  },
  value: {
    name: { under: ['name'], control: { type: 'name', of: 'value' } },
    bounds: numberBounds,
  },
  score: { bounds: numberBounds },
  surveyAnswer: { surveyAnswer: { under: [], control: { type: 'names', of: 'answer' } } },
  daysLeft: { bounds: numberBounds },
}

export const questions = Object.keys(questionSlots) as readonly Question[]

/** Members that a merged slot speaks of. */
export const mergedMembers = {
  bounds: ['atLeast', 'atMost'],
  test: ['is', 'in', 'endsWith', 'exists', 'atLeast', 'atMost'],
} as const

const valueAt = (member: unknown, { under, control, merge }: QuestionSlot): unknown => {
  if (!merge) return under.length === 0 ? member : (member as Record<string, unknown>)[String(under[0])]
  const members: readonly string[] = mergedMembers[control.type as keyof typeof mergedMembers]
  return Object.fromEntries(
    Object.entries(member as object).filter(([name, value]) => members.includes(name) && value !== undefined),
  )
}

/** Who is meant: “everyone”, or “people who …”. */
export function whoPieces(condition: Condition, path: Path, words: Words): Piece[] {
  const group = conditionGroup(condition, path, words)
  if (group.pieces.length === 0) return [orEveryone(group, words)]
  return splitPhrase(words.people, () => [group])
}

function conditionGroup(condition: Condition, path: Path, words: Words): Group {
  const members: Piece[] = questions
    .filter((question) => condition[question] !== undefined)
    .map((question) => questionGroup(condition, question, path, words, words.conditions))
  for (const joint of ['all', 'any'] as const) {
    const list = condition[joint]
    if (list) members.push(listGroup(list, [...path, joint], joint === 'all' ? words.and : words.or, words))
  }
  if (condition.not) members.push(...denialPieces(condition.not, [...path, 'not'], words))
  return { type: 'group', of: 'condition', path, pieces: joined(members, words.and) }
}

function questionGroup(
  condition: Condition,
  question: Question,
  path: Path,
  words: Words,
  phrases: Words['conditions'],
): Group {
  const member = [...path, question]
  const pieces = splitPhrase(phrases[question], (name) => {
    const slot = questionSlots[question][name]
    if (!slot) throw new Error(`the phrase of ${question} has a slot "${name}"`)
    const value = valueAt(condition[question], slot)
    const text = say(slot.control, value, words)
    const piece: Slot = { type: 'slot', path: [...member, ...slot.under], value, control: slot.control, text }
    return [slot.merge ? { ...piece, merge: true } : piece]
  })
  return { type: 'group', of: 'question', path: member, pieces }
}

function listGroup(list: readonly Condition[], path: Path, joint: string, words: Words): Group {
  const groups = list.map((one, index) => orEveryone(conditionGroup(one, [...path, index], words), words))
  const inner = groups.length > 0 ? joined(groups, joint) : [textPiece(words.everyone)]
  return { type: 'group', of: 'list', path, pieces: [textPiece('('), ...inner, textPiece(')')] }
}

const orEveryone = (group: Group, words: Words): Group =>
  group.pieces.length > 0 ? group : { ...group, pieces: [textPiece(words.everyone)] }

/** One question is denied by its own words, several at once in brackets. */
function denialPieces(condition: Condition, path: Path, words: Words): Piece[] {
  const members = Object.entries(condition).filter(([, value]) => value !== undefined)
  const only = members.length === 1 ? questions.find((question) => question === members[0]?.[0]) : undefined
  if (only) {
    const pieces = [questionGroup(condition, only, path, words, words.denials)]
    return [{ type: 'group', of: 'condition', path, pieces }]
  }
  const group = orEveryone(conditionGroup(condition, path, words), words)
  return [{ type: 'group', of: 'denial', path, pieces: splitPhrase(words.notAll, () => [group]) }]
}

const joined = (pieces: readonly Piece[], joint: string): Piece[] =>
  pieces.flatMap((piece, index) => (index === 0 ? [piece] : [textPiece(joint), piece]))
