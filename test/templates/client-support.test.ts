import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { doIUseEmail } from '@jsx-email/doiuse-email'
import { describe, expect, it } from 'vitest'
import { readTemplateFiles } from '../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../server/adapters/render-worker-engine.ts'
import { shippedKinds } from '../../shared/trial.ts'
import { sampleFacts, templatesDir, withLinks } from '../support/mail-samples.ts'

/**
 * What our emails use that some email client does not support, compared with what is known and why it does no harm.
 * `UPDATE_CLIENT_SUPPORT=1 npx vitest run --project unit test/templates/client-support.test.ts` writes the file again
 * and keeps its reasons; what is new has an empty one, which a person fills in.
 */
interface Unsupported {
  /** Programs that ignore it. */
  readonly clients: readonly string[]
  /** Why an email is as good without it there. */
  readonly why: string
}
type Baseline = Readonly<Record<string, Unsupported>>

const file = join(import.meta.dirname, 'client-support.json')
const howToUpdate =
  'Avoid it, or run the test with UPDATE_CLIENT_SUPPORT=1 and write the reason into client-support.json.'
const emailClients = ['gmail.*', 'outlook.*', 'apple-mail.*', 'yahoo.*', 'samsung-email.*']
const render = createRenderMail(readTemplateFiles(templatesDir))

const htmlOf = (kind: (typeof shippedKinds)[number]): string =>
  render({ template: kind, locale: 'en', subject: null, view: withLinks(sampleFacts(kind)) }).html

/** Feature → programs without it, over all emails. */
function unsupportedIn(mails: readonly string[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const html of mails) {
    const result = doIUseEmail(html, { emailClients })
    for (const message of result.success ? [] : result.errors) {
      const [, feature = message, client = '?'] = /^`(.+)` is not supported by `(.+)`$/.exec(message) ?? []
      found.set(feature, (found.get(feature) ?? new Set()).add(client))
    }
  }
  return found
}

const pairs = (baseline: Iterable<readonly [string, Iterable<string>]>): string[] =>
  [...baseline].flatMap(([feature, clients]) => [...clients].map((client) => `${feature}: ${client}`)).sort()

const readBaseline = (): Baseline => JSON.parse(readFileSync(file, 'utf8')) as Baseline

function update(found: ReadonlyMap<string, ReadonlySet<string>>): void {
  const before = readBaseline()
  const now = [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([feature, clients]) => [feature, { clients: [...clients].sort(), why: before[feature]?.why ?? '' }])
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(now), null, 2)}\n`)
}

describe('what email clients support', () => {
  const found = unsupportedIn(shippedKinds.map(htmlOf))
  if (process.env.UPDATE_CLIENT_SUPPORT) update(found)
  const baseline = readBaseline()
  const known = pairs(Object.entries(baseline).map(([feature, { clients }]) => [feature, clients]))

  it('is used, or known to be missing', () => {
    expect(
      pairs(found).filter((pair) => !known.includes(pair)),
      howToUpdate,
    ).toEqual([])
  })

  it('is not said to be missing where nothing uses it any more', () => {
    expect(
      known.filter((pair) => !pairs(found).includes(pair)),
      'Run the test with UPDATE_CLIENT_SUPPORT=1.',
    ).toEqual([])
  })

  it('is missing for a reason that someone wrote down', () => {
    expect(
      Object.entries(baseline).flatMap(([feature, { why }]) => (why.length < 20 ? [feature] : [])),
    ).toEqual([])
  })

  it('would be seen if an email began to use something else', () => {
    const changed = htmlOf('welcome').replace('</h1>', '</h1><p style="position:absolute">x</p>')
    expect(pairs(unsupportedIn([changed])).filter((pair) => !known.includes(pair))).not.toEqual([])
  })
})
