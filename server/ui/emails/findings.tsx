import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { MessageKind } from '../../../shared/trial.ts'
import { call } from '../shared/api.ts'
import { useAction } from '../shared/hooks.ts'
import { ErrorNote, Section } from '../shared/parts.tsx'
import type { MailChoice } from './address.ts'
import type { Finding, SpamCheck } from './types.ts'
import { checkName } from './words.ts'

const counted = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`

/** “1 error, 2 warnings”. */
export const levelCounts = (errors: number, warnings: number): string =>
  [errors > 0 && counted(errors, 'error'), warnings > 0 && counted(warnings, 'warning')]
    .filter(Boolean)
    .join(', ') || 'Nothing found'

const countOf = (findings: readonly Finding[], level: Finding['level']): number =>
  findings.filter((finding) => finding.level === level).length

export const countsText = (findings: readonly Finding[]): string =>
  levelCounts(countOf(findings, 'error'), countOf(findings, 'warning'))

/** @param children what else there is to say of it */
export function FindingLine({
  finding: { level, check, detail },
  children,
}: {
  finding: Finding
  children?: ComponentChildren
}) {
  return (
    <div class="finding">
      <span class={`badge badge-${level}`}>{level === 'error' ? 'Error' : 'Warning'}</span>
      <div>
        <strong>{checkName(check)}</strong>
        <small>{detail}</small>
        {children}
      </div>
    </div>
  )
}

const errorsFirst = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'))

export function Findings({ findings }: { findings: readonly Finding[] }) {
  return (
    <Section title={`Checks: ${countsText(findings).toLowerCase()}`}>
      {findings.length === 0 ? (
        <p class="quiet">
          Size, links, readability in light and dark mode, plain text, subject and footer all pass.
        </p>
      ) : (
        <ul class="findings">
          {errorsFirst(findings).map((finding) => (
            <li key={`${finding.check} ${finding.detail}`}>
              <FindingLine finding={finding} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

/** Emails below the first are likely to be filed as spam; from the second on all is well. */
const leastScore = 8
const goodScore = 9

const scoreWords = (score: number): string => {
  if (score >= goodScore) return 'Fine.'
  return score >= leastScore
    ? 'Good enough; the points lost are listed below.'
    : 'Below 8, it may land in spam.'
}

function SpamScore({ score, rules }: { score: number; rules: { name: string; points: number }[] }) {
  const matched = rules.filter(({ points }) => points !== 0)
  return (
    <>
      <p>
        <span class="score big">{score.toFixed(1)}</span> of 10. {scoreWords(score)}
      </p>
      <meter
        min={0}
        max={10}
        low={leastScore}
        high={goodScore}
        optimum={10}
        value={score}
        aria-label={`${score.toFixed(1)} of 10`}
      />
      {matched.length > 0 && (
        <dl class="pairs">
          {matched.map(({ name, points }) => (
            <div key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>{points > 0 ? `−${points}` : `+${-points}`}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}

function SpamAnswer({ spam }: { spam: SpamCheck }) {
  if (spam.state === 'checked') return <SpamScore score={spam.score} rules={spam.rules} />
  if (spam.state === 'unreachable')
    return <p class="note">SpamAssassin does not answer. Check that spamd is running at SPAMD_URL.</p>
  if (spam.state === 'not_set_up')
    return (
      <p class="note">
        SpamAssassin is not connected. Install the packages <code>spamassassin</code> and <code>spamd</code>,
        start the service, set <code>SPAMD_URL=spamd://localhost:783</code> and restart Trialpace.
      </p>
    )
  return null
}

/** Asked only when someone wants to know: it takes a while. */
export function SpamPanel({ kind, choice }: { kind: MessageKind; choice: MailChoice }) {
  const [spam, setSpam] = useState<SpamCheck | null>(null)
  const { busy, error, run } = useAction()
  const ask = () =>
    run(async () => {
      const body = { ...choice, spam: true }
      setSpam((await call('POST /api/templates/{kind}/preview', { params: { kind }, body })).spam)
    })
  return (
    <Section title="Spam filter">
      <button type="button" disabled={busy} onClick={ask}>
        {busy ? 'Checking …' : 'Check with SpamAssassin'}
      </button>
      <div aria-live="polite">{spam && <SpamAnswer spam={spam} />}</div>
      {error && <ErrorNote error={error} />}
    </Section>
  )
}
