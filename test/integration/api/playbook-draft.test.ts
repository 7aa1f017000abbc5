import { afterAll, beforeAll, expect, test } from 'vitest'
import { someTime } from '../../support/build-trial.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

/** Drafts of the playbook: one for each person, never lost to another window. */

interface Draft {
  readonly playbook: Readonly<Record<string, unknown>>
  readonly basedOn: number
  readonly revision: number
}

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(someTime)
})
afterAll(() => api.close())

const path = '/api/playbook/draft'
const read = async () => (await api.call<{ draft: Draft | null }>('GET', path)).body.draft
const save = (body: object) => api.call<Draft & { currentVersion?: number }>('PUT', path, { body })

test('there is none at first, and throwing none away is no fault', async () => {
  expect(await read()).toBeNull()
  expect((await api.call('DELETE', path)).status).toBe(204)
})

test('keeps what is not valid yet, whatever its members are called', async () => {
  const playbook = { milestones: 'not yet', 'a.b': { $set: 1 }, ['__proto__']: [1] }
  const saved = await save({ playbook, basedOn: 1, revision: 0 })
  expect(saved.status).toBe(200)
  expect(saved.body.revision).toBe(1)
  expect(await read()).toMatchObject({ basedOn: 1, revision: 1, playbook: { 'a.b': { $set: 1 } } })
})

test('a window that did not see the last save overwrites nothing', async () => {
  const stale = await save({ playbook: { other: true }, basedOn: 1, revision: 0 })
  expect(stale.status).toBe(409)
  expect(stale.body.currentVersion).toBe(1)
  expect((await read())?.playbook).toHaveProperty('milestones', 'not yet')
  expect((await save({ playbook: { other: true }, basedOn: 1, revision: 1 })).body.revision).toBe(2)
})

test('is gone after it was thrown away', async () => {
  expect((await api.call('DELETE', path)).status).toBe(204)
  expect(await read()).toBeNull()
  expect((await api.call('PUT', path, { body: { playbook: [], basedOn: 1, revision: 0 } })).status).toBe(400)
})
