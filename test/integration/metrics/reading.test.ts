import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { hourMs } from '../../../shared/clock.ts'
import { trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { putMail } from '../../support/put-mail.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

const startAt = Date.UTC(2026, 8, 7, 9)
const workspaceId = 'main' as WorkspaceId
const paths = [
  '/api/kpis',
  '/api/kpis?by=day',
  '/api/kpis?from=2026-01-01&to=2026-09-07&format=csv',
  '/api/brake',
  '/api/subject-tests',
  '/api/funnel',
  '/api/revenue',
]

let api: ServedApi

beforeAll(async () => {
  // No worker: what is stored meanwhile is stored by the requests. The role asks for the address, the storage is ours.
  api = await serveApi(startAt, { env: { ROLE: 'web', MONGODB_URI: 'mongodb://none.invalid/none' } })
})
afterAll(() => api.close())

it('reading metrics writes nothing, though there is something to count', async () => {
  await putMail(api, 'ann')
  const { documents, trials } = api.server.storage
  const { measures } = api.server.services.metrics
  await measures.settled()
  expect(await documents.list('measure-mark', { limit: 10 })).not.toHaveLength(0)
  const writes = [vi.spyOn(documents, 'put'), vi.spyOn(documents, 'delete'), vi.spyOn(trials, 'save')]
  for (const path of paths) expect((await api.call('GET', path)).status, path).toBe(200)
  for (const write of writes) expect(write).not.toHaveBeenCalled()
  for (const write of writes) write.mockRestore()
})

it('asks for the people of the days of its period, however long the history is', async () => {
  const { documents } = api.server.storage
  const { measures } = api.server.services.metrics
  for (let year = 2023; year < 2026; year++)
    for (let month = 1; month <= 12; month++) {
      const day = `${year}-${String(month).padStart(2, '0')}-10`
      const userId = `of-${day}`
      await api.call('PUT', `/api/trialists/${userId}`, {
        body: { email: `${userId}@customer.example`, trial: { startsAt: `${day}T09:00:00Z` } },
      })
      measures.mark(trialIdOfUser(workspaceId, userId))
    }
  api.clock.advance(hourMs)
  await measures.foldAll()
  const list = vi.spyOn(documents, 'list')
  expect((await api.call('GET', '/api/kpis')).status).toBe(200)
  const answers = await Promise.all(list.mock.results.map(({ value }) => value))
  const rows = answers.flatMap((rowsRead, index) =>
    list.mock.calls[index]?.[0] === 'rollup-people' ? rowsRead : [],
  )
  list.mockRestore()
  // Nine weeks and the period before, of the last year’s twelve days, and the sum of all.
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.length).toBeLessThan(8)
})
