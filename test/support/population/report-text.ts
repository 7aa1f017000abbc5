import type { Comparison } from './expectations.ts'
import { figureOf, type Report } from './figures.ts'
import type { Population } from './run-population.ts'
import { rateOf, type Truth } from './truth.ts'

const percent = (share: number | null): string => (share === null ? '–' : `${(100 * share).toFixed(1)} %`)

/** The run in a few lines, for people. */
export function reportText(
  population: Population,
  { report, truth, comparisons }: { report: Report; truth: Truth; comparisons: readonly Comparison[] },
): string {
  const { ledger, cast, seconds, cpuSeconds } = population
  const { post, counts, fates, refusals } = ledger
  const right = post.filter(({ expected, got }) => expected === got).length
  const same = comparisons.filter(
    ({ shown, truth: wanted }) => JSON.stringify(shown) === JSON.stringify(wanted),
  )
  return [
    `${cast.length} recipients, ${fates.size + refusals.size} emails, ${counts.requests} requests (${counts.scannerRequests} by scanners), ${post.length} emails back, ${seconds.toFixed(0)} s (${cpuSeconds.toFixed(0)} s of processor time)`,
    `open rate: true ${percent(rateOf(truth.trueOpenRate))}, shown ${percent(figureOf(report, 'open_rate').value)}, raw ${percent(figureOf(report, 'open_rate_raw').value)}`,
    `clicks: true ${truth.clicks}, shown ${figureOf(report, 'clicks').value}, raw ${figureOf(report, 'clicks_raw').value}`,
    `mail back: ${right} of ${post.length} taken for what it is`,
    `figures equal to the truth: ${same.length} of ${comparisons.length}`,
  ].join('\n')
}
