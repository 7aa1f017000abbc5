import type { Condition } from '../condition.ts'
import { whoPieces } from './condition-pieces.ts'
import type { Clause, Field, Grammar } from './grammar.ts'
import { atPath, sameValue } from './paths.ts'
import type { Path, Piece, Slot } from './piece.ts'
import { readSentences } from './read.ts'
import { say } from './say.ts'
import { splitPhrase } from './split-phrase.ts'
import type { Phrase, Words } from './words.ts'

export interface Sentence {
  readonly phrase: Phrase
  readonly pieces: readonly Piece[]
}

/**
 * A part of a playbook in sentences. What no sentence of the grammar says is added as it is, so that reading them back
 * gives the same part again.
 */
export function writeSentences(part: unknown, grammar: Grammar, words: Words): Sentence[] {
  const said = grammar.flatMap((clause) => clauseSentences(part, clause, words))
  return [...said, ...unsaidSentences(part, said, words)]
}

function clauseSentences(part: unknown, clause: Clause, words: Words): Sentence[] {
  const { phrase, each } = clause
  if (!each) return isSaid(part, clause) ? [sentenceOf(part, clause, [], words)] : []
  const list = atPath(part, each)
  if (!Array.isArray(list)) return []
  return list
    .filter((entry) => isSaid(entry, clause))
    .map((_, index) => ({ phrase, pieces: sentenceOf(part, clause, [...each, index], words).pieces }))
}

/** An absent field keeps its sentence away, unless there are words for its absence. */
const isSaid = (part: unknown, { slots }: Clause): boolean =>
  Object.values(slots).every(
    ({ path, control }) => ('absent' in control && control.absent) || atPath(part, path) !== undefined,
  )

function sentenceOf(part: unknown, { phrase, slots }: Clause, base: Path, words: Words): Sentence {
  const pieces = splitPhrase(words.phrases[phrase], (name) => {
    const field = slots[name]
    if (!field) throw new Error(`the phrase ${phrase} has a slot "${name}"`)
    return fieldPieces(part, { ...field, path: [...base, ...field.path] }, words)
  })
  return { phrase, pieces }
}

function fieldPieces(part: unknown, { path, control }: Field, words: Words): readonly Piece[] {
  const value = atPath(part, path)
  if (control.type === 'condition') return whoPieces(value as Condition, path, words)
  return [{ type: 'slot', path, value, control, text: say(control, value, words) }]
}

/** Members that come back differently, or not at all, from what was said. */
function unsaidSentences(part: unknown, said: readonly Sentence[], words: Words): Sentence[] {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return []
  const back = readSentences(said)
  return Object.entries(part)
    .filter(([name, value]) => value !== undefined && !sameValue(value, atPath(back, [name])))
    .map(([name, value]) => ({
      phrase: 'other.main' as const,
      pieces: splitPhrase(words.phrases['other.main'], (slot) =>
        slot === 'name' ? [{ type: 'text', text: name }] : [asItIs(name, value)],
      ),
    }))
}

const asItIs = (name: string, value: unknown): Slot => ({
  type: 'slot',
  path: [name],
  value,
  control: { type: 'json' },
  text: JSON.stringify(value),
})
