import type { MessageKind } from '../../shared/trial.ts'
import { dateTimeText } from './format.ts'
import { type MailChoice, mailHref } from './mails-address.ts'
import { FindingList, levelCounts } from './mails-findings.tsx'
import type { LintReport, MailFinding } from './mails-types.ts'
import { languageName, situationName } from './mails-words.ts'
import { kindWords } from './words.ts'

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

const mailName = ({ locale, fixture, rule, variant }: MailFinding): string =>
  [languageName(locale), situationName(fixture), rule, variant > 0 && `subject ${variant + 1}`]
    .filter(Boolean)
    .join(', ')

function SpamLine({ spam }: { spam: LintReport['spam'] }) {
  if (spam.state !== 'checked')
    return spam.state === 'unreachable' ? (
      <p class="note">SpamAssassin did not answer.</p>
    ) : (
      <p class="quiet">SpamAssassin was not asked: SPAMD_URL is not set.</p>
    )
  return (
    <p>
      SpamAssassin: at least {spam.worst.toFixed(1)} of 10, the lowest in{' '}
      <a href={mailHref(spam.kind, { locale: spam.locale })}>
        {kindWords[spam.kind]}, {languageName(spam.locale)}
      </a>
      .
    </p>
  )
}

function KindFindings({ kind, findings }: { kind: MessageKind; findings: readonly MailFinding[] }) {
  const mails = groupedBy(findings, (finding) => mailHref(kind, choiceOf(finding)))
  return (
    <details class="check-kind" open={countLevel(findings, 'error') > 0}>
      <summary>
        <strong>{kindWords[kind]}</strong> <span class="quiet">{counts(findings)}</span>
      </summary>
      <ul class="plain-list">
        {[...mails].map(([href, own]) => (
          <li key={href}>
            <a href={href}>{own[0] && mailName(own[0])}</a>
            <FindingList findings={own} />
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
        <strong>{levelCounts(errors, warnings)}</strong> in {report.mails} mails. Checked{' '}
        {dateTimeText(report.at)} with version {playbookVersion} of the playbook.
      </p>
      {newest !== null && newest > playbookVersion && (
        <p class="note">The playbook has been changed since (version {newest}). Check again.</p>
      )}
      <SpamLine spam={report.spam} />
      {[...kinds].map(([kind, own]) => (
        <KindFindings key={kind} kind={kind} findings={own} />
      ))}
      {omitted > 0 && <p class="quiet">{omitted} more of the same rank or below are not listed.</p>}
    </div>
  )
}
