import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultPlaybook } from '../../../server/domain/playbook/default.ts'
import * as grammars from '../../../shared/sentence/grammar.ts'
import { sentenceLanguages } from '../../../shared/sentence/languages.ts'
import { atPath, sameValue, withPath } from '../../../shared/sentence/paths.ts'
import { type Piece, plainText, type Slot } from '../../../shared/sentence/piece.ts'
import { readSentences } from '../../../shared/sentence/read.ts'
import { writeSentences } from '../../../shared/sentence/sentence.ts'
import type { Words } from '../../../shared/sentence/words.ts'
import { anyCondition, anyMessageRule, anyNudgeRule } from '../../support/random-rules.ts'

const languages = Object.values(sentenceLanguages)
const anyLanguage = fc.constantFrom('en', 'de', 'ko', 'vi')
const runs = { numRuns: 300 }

const textOf = (part: unknown, grammar: grammars.Grammar, words: Words): string =>
  writeSentences(part, grammar, words)
    .map(({ pieces }) => plainText(pieces))
    .join('\n')

const slotsOf = (pieces: readonly Piece[]): Slot[] =>
  pieces.flatMap((piece) =>
    piece.type === 'slot' ? [piece] : piece.type === 'group' ? slotsOf(piece.pieces) : [],
  )

describe('a rule written as sentences and read back', () => {
  it('is the same message rule in every language', () => {
    fc.assert(
      fc.property(anyMessageRule, anyLanguage, (rule, tag) => {
        const said = writeSentences(rule, grammars.messageGrammar, sentenceLanguages[tag])
        return isDeepStrictEqual(readSentences(said), rule)
      }),
      runs,
    )
  })

  it('is the same nudge rule in every language', () => {
    fc.assert(
      fc.property(anyNudgeRule, anyLanguage, (rule, tag) => {
        const said = writeSentences(rule, grammars.nudgeGrammar, sentenceLanguages[tag])
        return isDeepStrictEqual(readSentences(said), rule)
      }),
      runs,
    )
  })

  it('is the same fit rule in every language', () => {
    const anyFit = fc.record(
      {
        when: anyCondition,
        segment: fc.constantFrom('unqualified', 'opportunist'),
        why: fc.string(),
        pitchWhenActivated: fc.boolean(),
      },
      { requiredKeys: ['when', 'segment', 'why'], noNullPrototype: true },
    )
    fc.assert(
      fc.property(anyFit, anyLanguage, (rule, tag) => {
        const said = writeSentences(rule, grammars.fitGrammar, sentenceLanguages[tag])
        return isDeepStrictEqual(readSentences(said), rule)
      }),
      runs,
    )
  })

  it('keeps what no sentence knows', () => {
    const rule = { ...defaultPlaybook.messages[0], later: { idea: [1, { deep: null }] } }
    for (const words of languages)
      expect(readSentences(writeSentences(rule, grammars.messageGrammar, words))).toEqual(rule)
  })
})

describe('a sentence', () => {
  it('reads differently once a control has another value', () => {
    fc.assert(
      fc.property(anyMessageRule, anyMessageRule, anyLanguage, (rule, other, tag) => {
        const words = sentenceLanguages[tag]
        const before = textOf(rule, grammars.messageGrammar, words)
        const slots = slotsOf(writeSentences(rule, grammars.messageGrammar, words).flatMap((s) => s.pieces))
        for (const { path, control } of slots) {
          if (path[0] === 'when') continue
          const value = atPath(other, path)
          // `+3d` and `3d` are one duration; one weekday order reads like another.
          if (value === undefined || control.type === 'offset' || control.type === 'window') continue
          if (sameValue([value].flat(), [atPath(rule, path)].flat())) continue
          if (control.type === 'duration' && /^0/.test(String(value))) continue
          expect(textOf(withPath(rule, path, value), grammars.messageGrammar, words)).not.toBe(before)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('has words for every slot: nothing is left open', () => {
    fc.assert(
      fc.property(anyMessageRule, anyLanguage, (rule, tag) => {
        const words = sentenceLanguages[tag]
        const open = slotsOf(writeSentences(rule, grammars.messageGrammar, words).flatMap((s) => s.pieces))
        expect(open.filter(({ text }) => text === '' || text === '…' || text === 'undefined')).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})

const parts: readonly (readonly [string, unknown, grammars.Grammar])[] = [
  ...defaultPlaybook.milestones.map((one) => ['milestone', one, grammars.milestoneGrammar] as const),
  ...defaultPlaybook.messages.map((one) => [`message ${one.id}`, one, grammars.messageGrammar] as const),
  ...defaultPlaybook.nudges.map((one) => [`nudge ${one.id}`, one, grammars.nudgeGrammar] as const),
  ['activation', { atLeast: 2, of: ['Set up', 'First result'] }, grammars.activationGrammar],
  ['pace', defaultPlaybook.pace, grammars.paceGrammar],
  [
    'scoring',
    {
      ...defaultPlaybook.scoring,
      fitTraits: [{ when: { trait: { path: 'seats', atLeast: 5 } }, points: -2.5, why: 'size' }],
    },
    grammars.scoringGrammar,
  ],
  ['extensions', defaultPlaybook.extensions, grammars.extensionsGrammar],
  ['caps', defaultPlaybook.caps, grammars.capsGrammar],
  ['pauses', defaultPlaybook.pauses, grammars.pausesGrammar],
  ['window', defaultPlaybook.window, grammars.windowGrammar],
  ['holdout', { share: 0.1, salt: 'x' }, grammars.holdoutGrammar],
  ['comeback', defaultPlaybook.comeback, grammars.comebackGrammar],
  ['survey', defaultPlaybook.survey, grammars.surveyGrammar],
  ['trial', defaultPlaybook.trial, grammars.trialGrammar],
]

describe('the playbook a workspace begins with', () => {
  it.each(parts)('says %s wholly and reads it back', (_, part, grammar) => {
    for (const words of languages) {
      const sentences = writeSentences(part, grammar, words)
      expect(sentences.filter(({ phrase }) => phrase === 'other.main')).toEqual([])
      expect(sameValue(readSentences(sentences), part)).toBe(true)
    }
  })
})
