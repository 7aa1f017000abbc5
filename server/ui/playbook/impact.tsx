import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { kindLabels } from '../../../shared/labels.ts'
import { companyHref } from '../companies/address.ts'
import { dateTimeText } from '../shared/format.ts'
import { Chip, TableHead } from '../shared/parts.tsx'

export type DryRun = AnswerOf<'POST /api/playbook/dry-run'>
type Moment = DryRun['changes'][number]['before']

const momentText = (moment: Moment): string =>
  moment ? `${kindLabels[moment.kind]}${moment.at ? `, ${dateTimeText(moment.at)}` : ', waiting'}` : 'nothing'

/** Who would get what other email next. */
export function Impact({ dryRun }: { dryRun: DryRun }) {
  return (
    <div role="status">
      <h3>
        {dryRun.changed} of {dryRun.looked} trialists would get a different email
        {dryRun.complete ? '' : ' (not every trialist was checked)'}
      </h3>
      {dryRun.changes.length > 0 && (
        <div class="scroll">
          <table class="list">
            <TableHead titles={['Trialist', 'Segment', 'Now', 'After']} />
            <tbody>
              {dryRun.changes.map((change) => (
                <tr key={change.companyId ?? change.userId}>
                  <th scope="row">
                    {change.companyId === undefined ? (
                      <a href={`#/trialists/${encodeURIComponent(change.userId)}`}>{change.userId}</a>
                    ) : (
                      <a href={companyHref(change.companyId)}>{change.companyId}</a>
                    )}
                  </th>
                  <td>
                    <Chip segment={change.segment.before} />
                    {change.segment.before !== change.segment.after && (
                      <>
                        {' → '}
                        <Chip segment={change.segment.after} />
                      </>
                    )}
                  </td>
                  <td>{momentText(change.before)}</td>
                  <td>{momentText(change.after)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}
