import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Playbook } from '../../../shared/playbook.ts'
import { productKinds, startingPoints } from '../../../shared/starting-points.ts'
import { someTime } from '../../support/build-trial.ts'
import { admin, type ServedApi, serveApi } from '../../support/serve-api.ts'

const answers = {
  account: { name: 'Olga', email: 'olga@acme.example', password: 'plum orchard lantern' },
  kind: 'team_tool',
  product: {
    name: 'Acme Boards',
    url: 'https://boards.acme.example',
    postalAddress: '1 Acme Road, Leeds',
    timeZone: 'Europe/London',
  },
  sender: { name: 'Acme Boards', rep: 'Olga' },
  trialDays: 21,
  events: ['Board Created', '', 'Card Completed'],
}

let api: ServedApi
beforeEach(async () => {
  api = await serveApi(someTime, {
    env: { TRIALPACE_ADMIN_EMAIL: '', TRIALPACE_ADMIN_PASSWORD: '', TRIALPACE_RELEASED: 'false' },
  })
})
afterEach(() => api.close())

const token = () => api.server.setupToken ?? ''
const setUp = (body: unknown, headers: Record<string, string> = {}) =>
  api.call<{ csrfToken: string; account: { role: string } }>('POST', '/api/setup', {
    key: null,
    body,
    headers,
  })
const needed = async () =>
  (await api.call<{ needed: boolean }>('GET', '/api/setup', { key: null })).body.needed

describe('the set-up page', () => {
  it('makes the owner and the playbook, signs them in, and leaves the workspace unreleased', async () => {
    expect(await needed()).toBe(true)
    const { status, body, headers } = await setUp({ token: token(), ...answers })
    expect(status).toBe(200)
    expect(body.account.role).toBe('owner')
    expect(await needed()).toBe(false)
    const session = { key: null, headers: { Cookie: headers.get('set-cookie')?.split(';')[0] ?? '' } }
    const sending = await api.call<{ releasedAt: null; gaps: { gap: string }[] }>(
      'GET',
      '/api/workspace/sending',
      session,
    )
    expect(sending.body).toMatchObject({
      releasedAt: null,
      gaps: [{ gap: 'mailServer' }, { gap: 'publicUrl' }],
    })
    const { playbook } = (await api.call<{ playbook: Playbook }>('GET', '/api/playbook', session)).body
    expect(playbook.trial.lengthDays).toBe(21)
    expect(playbook.product).toMatchObject({
      upgradeUrl: 'https://boards.acme.example',
      timeZone: 'Europe/London',
    })
    expect(playbook.milestones.map(({ event }) => event)).toEqual([
      'Board Created',
      'Teammate Invited',
      'Card Completed',
    ])
    expect((await api.call<{ name: string }>('GET', '/api/workspace', session)).body.name).toBe('Acme Boards')
  })

  it.each(productKinds)('has a valid playbook to start with for: %s', async (kind) => {
    const { trialDays } = startingPoints[kind]
    expect((await setUp({ token: token(), ...answers, kind, trialDays, events: [] })).status).toBe(200)
  })

  it('takes its token once, also of two that come at once', async () => {
    const both = await Promise.all(
      ['olga', 'otto'].map((name) =>
        setUp({
          token: token(),
          ...answers,
          account: { ...answers.account, email: `${name}@acme.example` },
        }),
      ),
    )
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await setUp({ token: token(), ...answers })).status).toBe(409)
  })

  it('a wrong answer uses nothing up', async () => {
    const weak = { ...answers, account: { ...answers.account, password: 'password1234' } }
    expect((await setUp({ token: token(), ...weak })).status).toBe(400)
    expect((await setUp({ token: token(), ...answers, events: ['A'.repeat(101)] })).status).toBe(400)
    expect((await setUp({ token: token(), ...answers })).status).toBe(200)
  })

  it('bounds wrong tokens, which do not lock out the right one', async () => {
    const statuses = []
    for (let n = 0; n < 8; n++) statuses.push((await setUp({ token: `wrong-${n}`, ...answers })).status)
    expect(statuses[0]).toBe(403)
    expect(statuses.at(-1)).toBe(429)
    expect(await needed()).toBe(true)
    expect((await setUp({ token: token(), ...answers })).status).toBe(200)
  })

  it('refuses a form of another site', async () => {
    const { status } = await setUp({ token: token(), ...answers }, { 'Sec-Fetch-Site': 'cross-site' })
    expect(status).toBe(403)
  })
})

it('is closed where the environment names the first account', async () => {
  const other = await serveApi(someTime)
  try {
    expect(other.server.setupToken).toBeNull()
    const { status } = await other.call('POST', '/api/setup', { key: null, body: { token: 'x', ...answers } })
    expect(status).toBe(409)
    expect((await other.call('POST', '/api/session', { key: null, body: admin })).status).toBe(200)
  } finally {
    await other.close()
  }
})
