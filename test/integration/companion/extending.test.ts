import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import type { Trial } from '../../../server/domain/trial/model.ts'
import type { Card } from '../../../shared/api/card.ts'
import { dayMs } from '../../../shared/clock.ts'
import { trialIdOfUser, type WorkspaceId } from '../../../shared/trial.ts'
import { companionSetup } from '../../support/companion-api.ts'

const companion = companionSetup()
const { ext, lookUp, trialist, newestAudit } = companion

const extension = (card: Card, more: object = {}) => ({
  days: 3,
  reason: 'Needs more time',
  expectedEnd: card.endsAt,
  source: { app: 'gmail', threadId: 't1' },
  ...more,
})
const extend = (card: Card, key: string, more: object = {}) =>
  ext<{ card: Card; extensionId: string; type: string; detail?: string }>(
    'POST',
    `/trials/${card.userId}/extensions`,
    extension(card, more),
    { 'Idempotency-Key': key },
  )
const granted = async (card: Card) => (await lookUp([card.email])).body.cards[card.email]?.extensions ?? []

describe('extending', () => {
  test('moves the end, says what moved and writes down who, before, after, why and from where', async () => {
    const card = await trialist('mover')
    const { status, body } = await extend(card, randomUUID())
    expect(status).toBe(201)
    expect(Date.parse(body.card.endsAt ?? '') - Date.parse(card.endsAt ?? '')).toBe(3 * dayMs)
    expect(body.card.extensions).toMatchObject([{ by: 'Admin', reason: 'Needs more time', undoable: true }])
    expect(await newestAudit()).toMatchObject({
      by: expect.stringMatching(/^account:/),
      action: 'trial.extend',
      before: { endsAt: card.endsAt },
      after: {
        endsAt: body.card.endsAt,
        reason: 'Needs more time',
        source: { app: 'gmail', threadId: 't1' },
      },
    })
  })

  test('needs an Idempotency-Key', async () => {
    const card = await trialist('keyless')
    const { status } = await ext('POST', '/trials/keyless/extensions', extension(card))
    expect(status).toBe(400)
  })

  test('grants one extension for one key, and takes no other request under it', async () => {
    const card = await trialist('once')
    const key = randomUUID()
    const first = await extend(card, key)
    const again = await extend(card, key)
    expect(again.status).toBe(201)
    expect(again.body.card.endsAt).toBe(first.body.card.endsAt)
    const other = await extend(card, key, { days: 14 })
    expect(other.status).toBe(409)
    expect(other.body.type).toContain('idempotency-conflict')
    expect(await granted(card)).toHaveLength(1)
  })

  test('still grants one when the kept answer was lost, as after a crash between the change and its answer', async () => {
    const card = await trialist('crashed')
    const key = randomUUID()
    await extend(card, key)
    const { documents } = companion.api.server.storage
    for (const { id } of await documents.list('idempotency', { limit: 1000 }))
      await documents.delete('idempotency', id)
    expect((await extend(card, key)).status).toBe(201)
    expect(await granted(card)).toHaveLength(1)
  })

  test('grants exactly one of concurrent requests under one key: 25 rounds of 8', async () => {
    for (let round = 0; round < 25; round++) {
      const card = await trialist(`race-${round}`)
      const key = randomUUID()
      const answers = await Promise.all(Array.from({ length: 8 }, () => extend(card, key)))
      for (const { status } of answers) expect([201, 409]).toContain(status)
      expect(answers.some(({ status }) => status === 201)).toBe(true)
      expect(await granted(card)).toHaveLength(1)
    }
  })

  test('lets one of two reps win and shows the other how things stand', async () => {
    for (let round = 0; round < 10; round++) {
      const card = await trialist(`reps-${round}`)
      const answers = await Promise.all([extend(card, randomUUID()), extend(card, randomUUID(), { days: 7 })])
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
      const [won, lost] = answers.toSorted((a, b) => a.status - b.status)
      expect(lost?.body.card.endsAt).toBe(won?.body.card.endsAt)
      expect(lost?.body.card.extensions).toHaveLength(1)
      expect(lost?.body.detail).toContain('changed since you loaded it')
    }
  })

  test('stays inside the policy', async () => {
    const card = await trialist('greedy')
    const { status, body } = await extend(card, randomUUID(), { days: card.extend.maxDays + 1 })
    expect(status).toBe(422)
    expect(body.type).toContain('policy-refused')
    expect(await granted(card)).toEqual([])
  })

  test('asks for days or a date, not both, and for a known form', async () => {
    const card = await trialist('odd')
    for (const more of [
      { until: card.endsAt },
      { days: undefined },
      { days: 0 },
      { days: 1.5 },
      { extra: 1 },
    ])
      expect((await extend(card, randomUUID(), more)).status).toBe(400)
  })

  test('can be taken back until an email has told the new end', async () => {
    const card = await trialist('undoer')
    const undo = (id: string) => ext('DELETE', `/trials/undoer/extensions/${id}`)
    const first = await extend(card, randomUUID())
    const undone = await undo(first.body.extensionId)
    expect(undone.status).toBe(200)
    expect(undone.body.card.endsAt).toBe(card.endsAt)
    expect(await newestAudit()).toMatchObject({
      action: 'trial.extension.undo',
      after: { endsAt: card.endsAt },
    })

    const second = await extend(undone.body.card, randomUUID())
    const { trials } = companion.api.server.storage
    const workspace = companion.api.server.services.workspaces.all()[0]
    const id = trialIdOfUser(workspace?.id as WorkspaceId, 'undoer')
    // Background work may save in between.
    await vi.waitFor(async () => {
      const { clock, ...stored } = (await trials.get(id)) as Trial
      expect(await trials.save({ ...stored, clock: { ...clock, quotedEndsAt: clock.endsAt } })).not.toBeNull()
    })
    expect((await lookUp([card.email])).body.cards[card.email]?.extensions[0]?.undoable).toBe(false)
    expect((await undo(second.body.extensionId)).status).toBe(422)
    expect((await undo('unknown')).status).toBe(404)
  })
})
