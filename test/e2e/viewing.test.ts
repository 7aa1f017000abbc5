import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { type MessageKey, trialIdOfUser, type WorkspaceId } from '../../shared/trial.ts'
import { launchBrowser } from '../support/browser.ts'
import { someTime } from '../support/build-trial.ts'
import { sampleDocuments } from '../support/sample-documents.ts'
import { serveApi } from '../support/serve-api.ts'

const token = 'A'.repeat(22)

test('a browser loads the slow picture of an email in webmail for as long as the email is open', async () => {
  const api = await serveApi(someTime)
  const { documents } = api.server.storage
  await api.call('PUT', '/api/trialists/ann', { body: { email: 'ann@customer.example' } })
  await documents.put('mail', token, {
    ...sampleDocuments.mail,
    trialId: trialIdOfUser('main' as WorkspaceId, 'ann'),
    key: 'main:u:ann/welcome/0' as MessageKey,
    links: [],
    tracking: { opens: 'individual', clicks: 'individual', viewing: 'individual' },
  })
  const webmail = createServer((_, response) =>
    response
      .setHeader('Content-Type', 'text/html')
      .end(`<!doctype html><title>Inbox</title><img alt="" src="${api.server.url}/d/${token}.gif">`),
  )
  await new Promise<void>((resolve) => webmail.listen(0, '127.0.0.1', resolve))
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    const failed: (string | undefined)[] = []
    page.on('requestfailed', (request) => failed.push(request.failure()?.errorText))
    const picture = page.waitForResponse((response) => response.url().includes('/d/'))
    await page.goto(`http://127.0.0.1:${(webmail.address() as AddressInfo).port}/`, {
      waitUntil: 'domcontentloaded',
    })
    expect((await picture).status()).toBe(200)
    // A browser that may not show the picture hangs up at once; one that may is still loading after its first bytes.
    expect(await page.evaluate(() => document.images[0]?.complete)).toBe(false)
    expect([failed, await documents.list('signal', { prefix: token, limit: 1 })]).toEqual([[], []])
    await page.close()
    await expect
      .poll(async () => (await documents.list('signal', { prefix: token, limit: 9 })).map(({ body }) => body))
      .toEqual([expect.objectContaining({ type: 'view_time', loadedMs: expect.any(Number) })])
  } finally {
    await browser.close()
    await api.close()
    await new Promise((resolve) => webmail.close(resolve))
  }
})
