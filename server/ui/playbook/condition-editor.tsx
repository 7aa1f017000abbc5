import { useState } from 'preact/hooks'
import { questions } from '../../../shared/sentence/condition-pieces.ts'
import type { Group } from '../../../shared/sentence/piece.ts'
import type { Question, Words } from '../../../shared/sentence/words.ts'

/** How a further question joins those that are there. */
export type Joint = 'and' | 'andNot' | 'or'

const joints: Readonly<Record<Joint, string>> = { and: 'and', andNot: 'and not', or: 'or' }

const questionNames: Readonly<Record<Question, string>> = {
  segment: 'Segment',
  pace: 'Pace',
  status: 'Trial',
  reached: 'Milestone',
  event: 'Event',
  trait: 'Trait',
  value: 'Value',
  score: 'Score',
  surveyAnswer: 'Survey',
  daysLeft: 'Days left',
}

/** Chooses what else a condition asks; the values are chosen in the sentence afterwards. */
export function ConditionEditor({
  group,
  words,
  add,
}: {
  group: Group
  words: Words
  add: (group: Group, question: Question, joint: Joint) => void
}) {
  const [joint, setJoint] = useState<Joint>('and')
  const [question, setQuestion] = useState<Question>('segment')
  const isFirst = group.pieces.every((piece) => piece.type === 'text')
  const phrases = joint === 'andNot' ? words.denials : words.conditions
  return (
    <div class="row start">
      <select
        aria-label="Joined by"
        value={joint}
        onChange={(event) => setJoint(event.currentTarget.value as Joint)}
      >
        {(Object.keys(joints) as Joint[])
          .filter((one) => one !== 'or' || !isFirst)
          .map((one) => (
            <option key={one} value={one}>
              {joints[one]}
            </option>
          ))}
      </select>
      <select
        aria-label="Condition"
        value={question}
        onChange={(event) => setQuestion(event.currentTarget.value as Question)}
      >
        {questions.map((one) => (
          <option key={one} value={one}>
            {questionNames[one]}: {phrases[one].replace(/\{\w+\}/g, '…')}
          </option>
        ))}
      </select>
      <button type="button" class="primary" onClick={() => add(group, question, joint)}>
        Add
      </button>
    </div>
  )
}
