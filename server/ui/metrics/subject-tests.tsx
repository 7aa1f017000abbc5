import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { kindLabels } from '../../../shared/labels.ts'
import { useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section, TableHead } from '../shared/parts.tsx'
import { percentText } from './tile.tsx'

type SubjectTest = AnswerOf<'GET /api/subject-tests'>['tests'][number]

function TestTable({ test }: { test: SubjectTest }) {
  const what = test.metric === 'conversion' ? 'Conversions' : 'Verified clicks'
  return (
    <div class="scroll">
      <table class="list">
        <TableHead
          titles={['Subject line', 'Delivered', what, 'Probability of being best', 'Traffic share']}
        />
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
              <td class="number" data-label="Probability of being best">
                {percentText(arm.probabilityBest)}
              </td>
              <td class="number" data-label="Traffic share">
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
    <Section title="Subject line tests">
      {loaded.state === 'failed' && <ErrorNote error={loaded.error} retry={loaded.reload} />}
      {!loaded.data && loaded.state === 'loading' && <Loading what="the tests" />}
      {loaded.data?.tests.length === 0 && (
        <p class="quiet">
          No test is running. To start one, give a message two or three <code>subjects</code> in the playbook.
        </p>
      )}
      {loaded.data?.tests.map((test) => (
        <div key={test.ruleId} class="subject-test">
          <h3>{kindLabels[test.kind]}</h3>
          <p class="quiet">{test.words}</p>
          <TestTable test={test} />
        </div>
      ))}
    </Section>
  )
}
