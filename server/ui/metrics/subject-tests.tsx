import type { AnswerOf } from '../../../shared/api/endpoints.ts'

import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section, TableHead } from '../shared/parts.tsx'
import { kindWords } from '../shared/words.ts'
import { percentText } from './tile.tsx'

type SubjectTest = AnswerOf<'GET /api/subject-tests'>['tests'][number]

function TestTable({ test }: { test: SubjectTest }) {
  const what = test.metric === 'conversion' ? 'Conversions' : 'Verified clicks'
  return (
    <div class="scroll">
      <table class="list">
        <TableHead titles={['Subject', 'Delivered', what, 'Likely the best', 'Gets']} />
        <tbody>
          {test.arms.map((arm) => (
            <tr key={arm.variant}>
              <th scope="row">
                {test.subjects[arm.variant]}
                {test.winner === arm.variant && <span class="badge badge-verified">Winner</span>}
                {arm.stopped && <small>Stopped: {arm.stopped}</small>}
              </th>
              <td class="number" data-label="Delivered">
                {arm.sent}
              </td>
              <td class="number" data-label={what}>
                {arm.conversions}
                {arm.interval && (
                  <small>
                    {percentText(arm.share)} ({percentText(arm.interval.low)} to{' '}
                    {percentText(arm.interval.high)})
                  </small>
                )}
              </td>
              <td class="number" data-label="Likely the best">
                {percentText(arm.probabilityBest)}
              </td>
              <td class="number" data-label="Gets">
                {percentText(arm.weight)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function SubjectTests() {
  const loaded = useApi('GET /api/subject-tests')
  return (
    <Section title="Tests of subjects">
      {loaded.state === 'failed' && <ErrorNote error={loaded.error} retry={loaded.reload} />}
      {!loaded.data && loaded.state === 'loading' && <Loading what="tests" />}
      {loaded.data?.tests.length === 0 && (
        <p class="quiet">None runs. Give a message two or three `subjects` in the playbook to begin one.</p>
      )}
      {loaded.data?.tests.map((test) => (
        <div key={test.ruleId} class="subject-test">
          <h3>{kindWords[test.kind]}</h3>
          <p class="quiet">{test.words}</p>
          <TestTable test={test} />
        </div>
      ))}
    </Section>
  )
}
