import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTemplateFiles } from '../../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../../server/adapters/render-worker-engine.ts'
import { createMessageComposer } from '../../../server/adapters/smtp-mailer-message.ts'
import { spamReport } from '../../../server/features/lint/spamd.ts'
import { loadCatalog } from '../../../server/locales/catalog.ts'
import { shippedKinds } from '../../../shared/trial.ts'
import { outgoingMail } from '../../support/fake-mail.ts'
import { sampleFacts, templatesDir, withLinks } from '../../support/mail-samples.ts'
import { type Spamd, startSpamd } from '../../support/spamd.ts'

const render = createRenderMail(readTemplateFiles(templatesDir))
const compose = createMessageComposer(undefined)
const { locales } = loadCatalog(templatesDir)
let spamd: Spamd | null = null

beforeAll(async () => {
  spamd = await startSpamd()
  if (!spamd)
    console.warn('\n!!! SpamAssassin was NOT asked: install spamassassin and spamd, or set SPAMD_URL\n')
})
afterAll(() => spamd?.close())

const rawOf = (kind: (typeof shippedKinds)[number], locale: string): Promise<Buffer> => {
  const { subject, html, text } = render({
    template: kind,
    locale,
    subject: null,
    view: withLinks(sampleFacts(kind)),
  })
  return compose(outgoingMail({ subject, html, text, to: { address: 'sam@customer.example', name: 'Sam' } }))
}

describe('SpamAssassin', () => {
  it.each(shippedKinds)('gives %s at least 9 of 10 in every language', async (kind) => {
    if (!spamd) return
    for (const locale of locales) {
      const { score10, rules } = await spamReport(spamd.url, await rawOf(kind, locale))
      expect(score10, `${locale}: ${JSON.stringify(rules)}`).toBeGreaterThanOrEqual(9)
    }
  })

  it('knows spam when it sees it', async () => {
    if (!spamd) return
    const raw = await compose(
      outgoingMail({
        subject: 'VIAGRA!!! 100% FREE MONEY $$$ ACT NOW',
        html: '<font size=7 color=red>Dear friend, click here to claim your million dollars!!! Buy viagra, no prescription. <a href="http://1.2.3.4/x">CLICK HERE</a></font>',
        text: 'Dear friend, XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X',
      }),
    )
    expect((await spamReport(spamd.url, raw)).score10).toBeLessThan(5)
  })
})

it('a daemon that is not there is an error, not a score', async () => {
  await expect(spamReport('spamd://127.0.0.1:1', Buffer.from('x'))).rejects.toThrow()
})
