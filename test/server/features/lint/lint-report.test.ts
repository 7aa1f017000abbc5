import { describe, expect, it } from 'vitest'
import { error, type Finding, warning } from '../../../../server/features/lint/finding.ts'
import { addToTally, emptyTally, reportOf } from '../../../../server/features/lint/lint-report.ts'
import type { LintedMail } from '../../../../server/features/lint/lint-templates.ts'
import { type SpamVerdict, spamFindings } from '../../../../server/features/lint/spam-check.ts'

const mail = (locale: string, ...findings: Finding[]): LintedMail => ({
  kind: 'welcome',
  rule: 'welcome',
  variant: 0,
  locale,
  fixture: 'normal',
  mail: null,
  findings,
})
const when = { at: '2026-03-04T10:00:00.000Z', playbookVersion: 3 }
const scored = (score: number): SpamVerdict => ({ state: 'checked', score, rules: [] })
const tallyOf = (mails: readonly LintedMail[]) =>
  mails.map((linted) => ({ linted, verdict: null })).reduce(addToTally, emptyTally)
const spamOf = (verdicts: readonly (readonly [string, SpamVerdict | null])[]) =>
  verdicts.map(([locale, verdict]) => ({ linted: mail(locale), verdict })).reduce(addToTally, emptyTally).spam

describe('the report', () => {
  it('has errors first, with the emails they are about', () => {
    const report = reportOf(tallyOf([mail('en', warning('w', 'x')), mail('ko', error('e', 'y'))]), when)
    expect(report).toMatchObject({ ...when, mails: 2, errors: 1, warnings: 1, omitted: 0 })
    expect(report.findings.map(({ level, locale }) => `${level} ${locale}`)).toEqual([
      'error ko',
      'warning en',
    ])
  })

  it('keeps 500 findings and counts the others; an error is never pushed out by a warning', () => {
    const many = Array.from({ length: 400 }, () => mail('en', warning('w', 'x'), warning('v', 'x')))
    const report = reportOf(tallyOf([...many, mail('ko', error('e', 'y'))]), when)
    expect(report).toMatchObject({ errors: 1, warnings: 800, omitted: 301 })
    expect(report.findings).toHaveLength(500)
    expect(report.findings[0]).toMatchObject({ level: 'error', locale: 'ko' })
  })

  it('is empty when nothing is wrong', () => {
    expect(reportOf(tallyOf([mail('en')]), when)).toMatchObject({ findings: [], omitted: 0, errors: 0 })
  })

  it('names the email with the worst score, the first of equals', () => {
    const worst = [scored(9.5), scored(9), scored(10), scored(9)]
    expect(spamOf(worst.map((verdict, index) => [`l${index}`, verdict]))).toEqual({
      state: 'checked',
      worst: 9,
      kind: 'welcome',
      locale: 'l1',
    })
  })

  it('claims no worst score when some emails were not scored', () => {
    const down: SpamVerdict = { state: 'unreachable', why: 'x' }
    expect(
      spamOf([
        ['a', scored(9)],
        ['b', down],
        ['c', scored(3)],
        ['d', null],
      ]),
    ).toEqual({ state: 'unreachable' })
    expect(spamOf([['a', { state: 'not_set_up' }]])).toEqual({ state: 'not_set_up' })
  })
})

describe('a score', () => {
  it.each([
    [7.9, ['error']],
    [8, ['warning']],
    [8.9, ['warning']],
    [9, []],
  ])('of %d', (score, levels) => {
    expect(spamFindings(scored(score)).map(({ level }) => level)).toEqual(levels)
  })

  it('that is not known is no finding', () => {
    expect(spamFindings({ state: 'unreachable', why: 'x' })).toEqual([])
  })
})
