import { afterAll, beforeAll, expect, test } from 'vitest'
import { forgetMail, type StoredMail } from '../../../server/domain/metrics/forgetting.ts'
import { serveTracking, type TrackingServer } from '../../support/serve-tracking.ts'

let served: TrackingServer
beforeAll(async () => {
  served = await serveTracking(Date.UTC(2026, 8, 7, 9))
})
afterAll(() => served.close())

const statusOf = async (path: string, method = 'GET'): Promise<number> =>
  (await fetch(served.url + path, { method, redirect: 'manual' })).status

test('an email whose words are no longer kept cannot be shown or followed, but still be unsubscribed by', async () => {
  const token = await served.sendMail('ann')
  const { documents } = served.storage
  const mail = await documents.get('mail', token)
  if (!mail) throw new Error('the email was not stored')
  expect(await statusOf(`/v/${token}`)).toBe(200)
  await documents.put('mail', token, forgetMail(mail.body as StoredMail), mail.version)

  expect(await statusOf(`/v/${token}`)).toBe(404)
  expect(await statusOf(`/c/${token}/0`)).toBe(404)
  expect(await statusOf(`/u/${token}`)).toBe(200)
  expect((await served.trialOf('ann')).contact.suppressed).toBeNull()
  expect(await statusOf(`/u/${token}`, 'POST')).toBe(200)
  expect((await served.trialOf('ann')).contact.suppressed?.reason).toBe('unsubscribed')
})
