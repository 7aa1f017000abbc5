import { beforeAll, describe, expect, test } from 'vitest'
import { dayMs } from '../../../shared/clock.ts'
import { companionSetup } from '../../support/companion-api.ts'

/** The companion where everyone of a company shares one trial. */

const companion = companionSetup()
const { ext, lookUp } = companion

beforeAll(async () => {
  const { api } = companion
  const { body } = await api.call<{ version: number; playbook: { trial: object } }>('GET', '/api/playbook')
  const published = await api.call('PUT', '/api/playbook', {
    body: {
      ...body.playbook,
      trial: { ...body.playbook.trial, of: 'company', buyer: { roles: ['owner'] } },
    },
    headers: { 'If-Match': `"${body.version}"` },
  })
  expect(published.status).toBe(200)
  await api.call('PUT', '/api/companies/acme', {
    body: {
      name: 'Acme',
      members: [
        { userId: 'ann', email: 'ann@customer.example', name: 'Ann' },
        { userId: 'bea', email: 'bea@customer.example', name: 'Bea', role: 'owner' },
      ],
    },
  })
  await api.call('POST', '/v1/b', {
    body: { batch: [{ type: 'track', messageId: 'c-1', event: 'Setup Completed', userId: 'ann' }] },
  })
})

const cards = async () =>
  (await lookUp(['ann@customer.example', 'bea@customer.example'])).body.cards as Record<
    string,
    { userId: string; endsAt: string; extend: { previews: unknown[] }; extensions: unknown[] } & object
  >

describe('the card of a member', () => {
  test('is the company’s, of whoever writes, with the team and its champion', async () => {
    const found = await cards()
    const team = {
      companyId: 'acme',
      more: 0,
      members: [
        { userId: 'ann', isChampion: true, canBuy: false },
        { userId: 'bea', isChampion: false, canBuy: true, role: 'owner' },
      ],
    }
    expect(found['ann@customer.example']).toMatchObject({ userId: 'ann', company: 'Acme', team })
    expect(found['bea@customer.example']).toMatchObject({ userId: 'bea', company: 'Acme', team })
    expect(found['bea@customer.example']?.endsAt).toBe(found['ann@customer.example']?.endsAt)
    expect(found['ann@customer.example']?.extend.previews).not.toEqual([])
  })

  test('extends everyone, says whom the next email is for, and lists the others as colleagues', async () => {
    const before = (await cards())['ann@customer.example']
    const extended = await ext(
      'POST',
      '/trials/bea/extensions',
      {
        days: 7,
        reason: 'asked',
        expectedEnd: before?.endsAt,
        source: { app: 'gmail', threadId: null },
      },
      { 'Idempotency-Key': 'team-1' },
    )
    expect(extended.status).toBe(201)
    const after = (await cards())['ann@customer.example']
    expect(Date.parse(after?.endsAt ?? '') - Date.parse(before?.endsAt ?? '')).toBe(7 * dayMs)
    expect(after?.extensions).toHaveLength(1)
    const colleagues = await ext('GET', '/trials/ann/colleagues')
    expect(colleagues.body).toMatchObject({ colleagues: [{ userId: 'bea' }], more: false })
  })
})
