import type { CompanyAnswer } from '../../../shared/api/companies.ts'
import type { Trialist } from '../../../shared/trialist.ts'
import { call } from '../shared/api.ts'
import type { TrialDoors } from './parts.ts'

/** What can be done to the trial of one person, or to that of a company as a whole. */

export function doorsOfPerson(userId: string, set: (trialist: Trialist) => void): TrialDoors {
  const params = { userId }
  return {
    async extend(body, key) {
      const headers = { 'Idempotency-Key': key }
      set(await call('POST /api/trialists/{userId}/extensions', { params, body, headers }))
    },
    undo: async (id) =>
      set(await call('DELETE /api/trialists/{userId}/extensions/{id}', { params: { ...params, id } })),
    pause: async (until) =>
      set(await call('POST /api/trialists/{userId}/pause', { params, body: { until } })),
    skip: async (ruleId) =>
      set(await call('POST /api/trialists/{userId}/skip', { params, body: { ruleId } })),
    async retry(key) {
      await call('POST /api/trialists/{userId}/retries', { params, body: { key } })
    },
    read: async () => set(await call('GET /api/trialists/{userId}', { params })),
  }
}

export function doorsOfCompany(companyId: string, set: (company: CompanyAnswer) => void): TrialDoors {
  const params = { companyId }
  return {
    async extend(body, key) {
      const headers = { 'Idempotency-Key': key }
      set(await call('POST /api/companies/{companyId}/extensions', { params, body, headers }))
    },
    undo: async (id) =>
      set(await call('DELETE /api/companies/{companyId}/extensions/{id}', { params: { ...params, id } })),
    pause: async (until) =>
      set(await call('POST /api/companies/{companyId}/pause', { params, body: { until } })),
    skip: async (ruleId) =>
      set(await call('POST /api/companies/{companyId}/skip', { params, body: { ruleId } })),
    async retry(key) {
      await call('POST /api/companies/{companyId}/retries', { params, body: { key } })
    },
    read: async () => set(await call('GET /api/companies/{companyId}', { params })),
  }
}
