import { kindLabels } from '../../../shared/labels.ts'
import type { MessageKind } from '../../../shared/trial.ts'
import { dateTimeText } from '../shared/format.ts'
import { type MailChoice, mailHref } from './address.ts'
import { FindingLine, levelCounts } from './findings.tsx'
import type { LintReport, MailFinding } from './types.ts'
import { languageName, situationName } from './words.ts'

const groupedBy = <T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> => {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

const countLevel = (findings: readonly MailFinding[], level: MailFinding['level']): number =>
  findings.filter((finding) => finding.level === level).length

const counts = (findings: readonly MailFinding[]): string =>
  levelCounts(countLevel(findings, 'error'), countLevel(findings, 'warning'))

const choiceOf = ({ locale, fixture, rule, variant }: MailFinding): MailChoice => ({
  locale,
  ...(fixture !== 'normal' && { fixture }),
  ...(rule !== null && { rule }),
  ...(variant > 0 && { variant }),
})

/** @param rules how many rules of this kind are in the list: one need not be named */
const mailName = ({ locale, fixture, rule, variant }: MailFinding, rules: number): string =>
  [
    languageName(locale),
    fixture !== 'normal' && situationName(fixture),
    rules > 1 && rule,
    variant > 0 && `subject ${variant + 1}`,
  ]
    .filter(Boolean)
    .join(', ')

function SpamLine({ spam }: { spam: LintReport['spam'] }) {
  if (spam.state !== 'checked')
    return spam.state === 'unreachable' ? (
      <p class="note">SpamAssassin did not answer.</p>
    ) : (
      <p class="quiet">SpamAssassin was not used: SPAMD_URL is not set.</p>
    )
  return (
    <p>
      SpamAssassin: lowest score {spam.worst.toFixed(1)} of 10, in{' '}
      <a href={mailHref(spam.kind, { locale: spam.locale })}>
        {kindLabels[spam.kind]}, {languageName(spam.locale)}
      </a>
      .
    </p>
  )
}

/** So many emails are named at once; the others when asked for. */
const namedAtOnce = 8

function MailLinks({ findings, rules }: { findings: readonly MailFinding[]; rules: number }) {
  const links = (some: readonly MailFinding[]) => (
    <ul class="mail-links">
      {some.map((finding) => {
        const href = mailHref(finding.kind, choiceOf(finding))
        return (
          <li key={href}>
            <a href={href}>{mailName(finding, rules)}</a>
          </li>
        )
      })}
    </ul>
  )
  const more = findings.length - namedAtOnce
  return (
    <>
      {links(findings.slice(0, namedAtOnce))}
      {more > 0 && (
        <details>
          <summary>
            {more} more<span class="sr"> emails with this finding</span>
          </summary>
          {links(findings.slice(namedAtOnce))}
        </details>
      )}
    </>
  )
}

/** What was found in one kind of email, each finding with the emails it is in. */
function KindFindings({ kind, findings }: { kind: MessageKind; findings: readonly MailFinding[] }) {
  const rules = new Set(findings.map(({ rule }) => rule)).size
  const alike = groupedBy(findings, ({ level, check, detail }) => `${level} ${check} ${detail}`)
  return (
    <details class="check-kind" open={countLevel(findings, 'error') > 0}>
      <summary>
        <strong>{kindLabels[kind]}</strong> <span class="quiet">{counts(findings)}</span>
      </summary>
      <ul class="findings">
        {[...alike].map(([key, same]) => (
          <li key={key}>
            {same[0] && (
              <FindingLine finding={same[0]}>
                <MailLinks findings={same} rules={rules} />
              </FindingLine>
            )}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** @param newest version of the playbook; null: not known yet */
export function CheckReport({ report, newest }: { report: LintReport; newest: number | null }) {
  const { findings, omitted, errors, warnings, playbookVersion } = report
  const kinds = groupedBy(findings, ({ kind }) => kind)
  return (
    <div class="check-report">
      <p>
        <strong>{levelCounts(errors, warnings)}</strong> in {report.mails} emails. Checked{' '}
        {dateTimeText(report.at)} with playbook version {playbookVersion}.
      </p>
      {newest !== null && newest > playbookVersion && (
        <p class="note">The playbook has changed since (version {newest}). Check again.</p>
      )}
      <SpamLine spam={report.spam} />
      {[...kinds].map(([kind, own]) => (
        <KindFindings key={kind} kind={kind} findings={own} />
      ))}
      {omitted > 0 && <p class="quiet">{omitted} less important findings are not listed.</p>}
    </div>
  )
}
