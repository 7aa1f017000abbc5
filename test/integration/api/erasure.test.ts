import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hourMs } from '../../../shared/clock.ts'
import type { EmailAddress } from '../../../shared/trial.ts'
import { someTime } from '../../support/build-trial.ts'
import { putMail } from '../../support/put-mail.ts'
import { type ServedApi, secretKey, serveApi } from '../../support/serve-api.ts'

/** Everything that names the person has this in it. */
const mark = 'zebra7731'

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(someTime)
})
afterAll(() => api.close())

const collect = (body: object) =>
  fetch(`http://127.0.0.1:${api.server.port}/v1/track`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${secretKey}:`)}` },
    body: JSON.stringify(body),
  })

async function filesWithMark(): Promise<string[]> {
  const found: string[] = []
  for (const name of await readdir(api.dataDir)) {
    const text = (await readFile(join(api.dataDir, name))).toString('latin1').toLowerCase()
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1))
      found.push(`${name} ${at}: ${text.slice(Math.max(0, at - 300), at + 150).replace(/[^ -~]+/g, '~')}`)
  }
  return found
}

/** A life long enough to have been rewritten many times, among others whose rows lie on the same pages. */
async function live() {
  const { call, clock } = api
  const path = `/api/trialists/uid-${mark}`
  await call('PUT', path, {
    body: {
      email: `${mark}@customer.example`,
      name: `Name ${mark}`,
      company: `Firm ${mark}`,
      traits: { hobby: `trait-${mark}`, long: `${mark} `.repeat(1500) },
    },
  })
  for (let n = 0; n < 60; n++) {
    clock.advance(hourMs)
    await collect({ userId: `other-${n % 7}`, event: 'Other', properties: { n, text: 'x'.repeat(n * 40) } })
    await collect({
      userId: `uid-${mark}`,
      anonymousId: `anon-${mark}`,
      event: n % 3 ? 'First Result' : `Step ${mark} ${n}`,
      properties: { note: `prop-${mark}`.repeat((n % 9) + 1) },
    })
    if (n % 10 === 0) await call('PUT', path, { body: { traits: { [`t${n}`]: `${mark}`.repeat(n + 1) } } })
  }
  await call('POST', `/api/ext/v1/trials/uid-${mark}/notes`, { body: { text: `note-${mark}` } })
  await call('POST', `${path}/conversion`, { body: { plan: `plan-${mark}` } })
  await call('POST', '/api/suppressions', { body: { address: `${mark}@customer.example` } })
}

test('an erased person is in no byte of the data directory', async () => {
  await live()
  expect(await filesWithMark()).not.toEqual([])
  expect((await api.call('DELETE', `/api/trialists/uid-${mark}`)).status).toBe(200)
  expect(await filesWithMark()).toEqual([])
})

const erase = (userId: string) => api.call('DELETE', `/api/trialists/${userId}`)
const status = async (userId: string) => (await api.call('GET', `/api/trialists/${userId}`)).status
const alias = async (userId: string, previousId: string) => {
  for (const id of [previousId, userId]) await collect({ userId: id, event: `Step ${id}` })
  const response = await fetch(`http://127.0.0.1:${api.server.port}/v1/alias`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${secretKey}:`)}` },
    body: JSON.stringify({ userId, previousId }),
  })
  expect(await response.json()).toMatchObject({ accepted: 1, rejected: [] })
}

test('erasing a person erases the ids that they had before', async () => {
  await alias(`now-${mark}`, `once-${mark}`)
  const path = `/api/trialists/once-${mark}`
  expect((await api.call('PUT', path, { body: { name: `Name ${mark}` } })).status).toBe(200)
  expect((await api.call('GET', path)).body).toMatchObject({ userId: `now-${mark}`, name: `Name ${mark}` })
  expect((await erase(`now-${mark}`)).status).toBe(200)
  expect(await filesWithMark()).toEqual([])
})

test('erasing a person erases what was noted under an address that they had before', async () => {
  const before = `moved-${mark}@customer.example` as EmailAddress
  // An email has gone to the first address; then a payment comes for it, when the person has another one.
  const { documents } = api.server.storage
  const token = await putMail(api, `moved-${mark}`)
  const mail = await documents.get('mail', token)
  if (mail) await documents.put('mail', token, { ...mail.body, to: before }, mail.version)
  await api.call('PUT', `/api/trialists/moved-${mark}`, { body: { email: `after-${mark}@customer.example` } })
  await api.call('POST', '/api/revenue', {
    body: {
      externalId: 'pay-before',
      email: before,
      amountMinor: 900,
      currency: 'USD',
      type: 'new',
      at: new Date(someTime).toISOString(),
    },
  })
  const unmatched = async () =>
    (await api.call<{ revenue: unknown[] }>('GET', '/api/revenue/unmatched')).body.revenue
  expect(await unmatched()).toHaveLength(1)
  expect((await erase(`moved-${mark}`)).status).toBe(200)
  expect(await unmatched()).toEqual([])
})

test('an address that a person unsubscribed stays so after they changed it and were erased', async () => {
  const [old, next] = ['old@customer.example', 'next@customer.example']
  await api.call('PUT', '/api/trialists/quiet', { body: { email: old } })
  await api.call('POST', '/api/suppressions', { body: { address: old, reason: 'unsubscribed' } })
  await api.call('PUT', '/api/trialists/quiet', { body: { email: next } })
  expect((await erase('quiet')).status).toBe(200)
  const suppressed = async (userId: string, email: string) => {
    await api.call('PUT', `/api/trialists/${userId}`, { body: { email } })
    return (await api.call<{ suppressed: { reason: string } | null }>('GET', `/api/trialists/${userId}`)).body
      .suppressed
  }
  expect(await suppressed('again-old', old)).toMatchObject({ reason: 'unsubscribed' })
})

test('erasing a former id leaves the person as they are', async () => {
  await alias('stays', 'former')
  expect((await erase('former')).status).toBe(200)
  expect(await status('former')).toBe(404)
  expect(await status('stays')).toBe(200)
  expect((await api.call('GET', '/api/trialists/stays')).body).toMatchObject({ userId: 'stays' })
  expect((await erase('stays')).status).toBe(200)
  expect(await status('stays')).toBe(404)
})

test('files are readable by the server’s user alone', async () => {
  for (const name of await readdir(api.dataDir))
    expect([name, ((await stat(join(api.dataDir, name))).mode & 0o777).toString(8)]).toEqual([name, '600'])
  expect(((await stat(api.dataDir)).mode & 0o777).toString(8)).toBe('700')
})
