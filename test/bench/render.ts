import { pino } from 'pino'
import { createLiquidRenderer, readTemplateFiles } from '../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../server/adapters/render-worker-engine.ts'
import { shippedKinds } from '../../shared/trial.ts'
import { sampleFacts, templatesDir, withLinks } from '../support/mail-samples.ts'
import { type BenchReport, medianOf, medianRow, metAtLeast } from './report.ts'

/**
 * What an email costs to write: subject, HTML and text of every kind in several languages. The same requests go
 * through the engine in this process and through the render thread, in turns, so that the ratio tells what the
 * thread (copying the facts there and the email back, keeping time) costs.
 */

const rounds = 7
const mailsPerRound = 400
const locales = ['en', 'de', 'ko', 'ar']

const requests = shippedKinds.flatMap((kind) =>
  locales.map((locale) => ({ template: kind, locale, subject: null, view: withLinks(sampleFacts(kind)) })),
)
const requestAt = (index: number) => requests[index % requests.length] as (typeof requests)[number]

export async function run(): Promise<BenchReport> {
  const render = createRenderMail(readTemplateFiles(templatesDir))
  const renderer = createLiquidRenderer({ templatesDir, log: pino({ level: 'silent' }) })
  const direct = () => {
    const [from, cpu] = [performance.now(), process.cpuUsage()]
    for (let index = 0; index < mailsPerRound; index++) render(requestAt(index))
    const { user, system } = process.cpuUsage(cpu)
    return {
      perSecond: (mailsPerRound * 1000) / (performance.now() - from),
      cpuMs: (user + system) / 1000 / mailsPerRound,
    }
  }
  const throughThread = async () => {
    const from = performance.now()
    const answers = await Promise.all(
      Array.from({ length: mailsPerRound }, (_, index) => renderer.render(requestAt(index))),
    )
    const refused = answers.find((answer) => !answer.ok)
    if (refused && !refused.ok) throw new Error(refused.why)
    return (mailsPerRound * 1000) / (performance.now() - from)
  }
  direct()
  await throughThread()
  const results: { perSecond: number; cpuMs: number; thread: number }[] = []
  for (let round = 0; round < rounds; round++) results.push({ ...direct(), thread: await throughThread() })
  await renderer.close()
  const ratios = results.map(({ perSecond, thread }) => thread / perSecond)
  return {
    bench: 'render',
    rounds,
    rows: [
      medianRow(
        'engine alone',
        results.map((result) => result.cpuMs),
        'CPU ms/mail',
      ),
      medianRow(
        'engine alone',
        results.map((result) => result.perSecond),
        'emails/s',
      ),
      medianRow(
        'one render thread',
        results.map((result) => result.thread),
        'emails/s',
      ),
      medianRow('ratio', ratios, ''),
    ],
    checks: [metAtLeast('emails/s through the thread beside the engine alone', medianOf(ratios), 0.8)],
  }
}
