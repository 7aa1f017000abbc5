import { describe, expect, test } from 'vitest'
import type { ColleaguesAnswer } from '../../../shared/api/card.ts'
import { dayMs, minuteMs, secondMs } from '../../../shared/clock.ts'
import type { EmailAddress, WorkspaceId } from '../../../shared/trial.ts'
import { buildTrial } from '../../support/build-trial.ts'
import { companionSetup } from '../../support/companion-api.ts'

const companion = companionSetup()
const { ext, lookUp, trialist, newestAudit } = companion

describe('looking up', () => {
  test('knows an address in any case and answers null for the others', async () => {
    await trialist('cases')
    const { body } = await lookUp(['CASES@Example.com', 'nobody@example.com', 'not an address'])
    expect(Object.keys(body.cards).sort()).toEqual([
      'cases@example.com',
      'nobody@example.com',
      'not an address',
    ])
    expect(body.cards['cases@example.com']).toMatchObject({ userId: 'cases', status: 'trialing' })
    expect(body.cards['nobody@example.com']).toBeNull()
    expect(body.ownDomains).toEqual(['@acme.example'])
  })

  test('takes 100 addresses and not one more', async () => {
    const many = Array.from({ length: 101 }, (_, n) => `p${n}@example.com`)
    expect((await lookUp(many.slice(1))).status).toBe(200)
    expect((await lookUp(many)).status).toBe(400)
    expect((await lookUp([])).status).toBe(400)
  })

  test('tells nothing about people of another workspace', async () => {
    const workspaceId = 'other' as WorkspaceId
    const saved = await companion.api.server.storage.trials.save(
      buildTrial({
        workspaceId,
        userId: 'foreign',
        person: { email: 'foreign@example.com' as EmailAddress },
      }),
    )
    expect(saved).not.toBeNull()
    expect((await lookUp(['foreign@example.com'])).body.cards).toEqual({ 'foreign@example.com': null })
    const { status } = await ext('POST', '/trials/foreign/notes', { text: 'x' })
    expect(status).toBe(404)
  })

  test('knows every spelling of one Gmail mailbox, and offers a tag elsewhere without taking it for the person', async () => {
    const put = (id: string, email: string) =>
      companion.api.call('PUT', `/api/trialists/${id}`, { body: { email, name: id } })
    await put('kim', 'Kim.Park+trial@googlemail.com')
    await put('leo', 'leo+boardly@firm.example')
    const { body } = await lookUp(['kimpark@gmail.com', 'leo@firm.example', 'le.o@firm.example'])
    expect(body.cards['kimpark@gmail.com']?.userId).toBe('kim')
    expect(body.cards['leo@firm.example']).toBeNull()
    expect(body.offers).toEqual({
      'leo@firm.example': [{ email: 'leo+boardly@firm.example', name: 'leo' }],
    })
  })

  test('means the newest of several trials with one address', async () => {
    const body = { email: 'twice@example.com' }
    await companion.api.call('PUT', '/api/trialists/twice-old', { body })
    companion.api.clock.advance(minuteMs)
    await companion.api.call('PUT', '/api/trialists/twice-new', { body })
    expect((await lookUp([body.email])).body.cards[body.email]?.userId).toBe('twice-new')
  })
})

describe('colleagues', () => {
  const put = (id: string, body: object) => companion.api.call('PUT', `/api/trialists/${id}`, { body })
  const colleagues = async (id: string) => {
    const { status, body } = await ext<ColleaguesAnswer>('GET', `/trials/${id}/colleagues`)
    expect(status).toBe(200)
    return body
  }
  const names = async (id: string) => (await colleagues(id)).colleagues.map(({ userId }) => userId)

  test('are of one domain or one company, newest first, and not the person', async () => {
    await put('one', { email: 'one@eu.orbit.example', name: 'One' })
    companion.api.clock.advance(minuteMs)
    await put('two', { email: 'two@orbit.example', company: 'Orbit' })
    companion.api.clock.advance(minuteMs)
    await put('three', { email: 'three@gmail.com', company: 'ORBIT' })
    await put('four', { email: 'four@gmail.com' })
    expect(await names('one')).toEqual(['two'])
    expect(await names('two')).toEqual(['three', 'one'])
    expect(await names('three')).toEqual(['two'])
    expect(await colleagues('four')).toEqual({ colleagues: [], more: false })
    expect((await colleagues('three')).colleagues[0]).toMatchObject({
      email: 'two@orbit.example',
      status: 'trialing',
    })
  })

  test('are of one group that the team’s server names', async () => {
    for (const id of ['g1', 'g2']) {
      await put(id, { email: `${id}@gmail.com` })
      await companion.api.call('POST', '/v1/group', {
        body: { userId: id, groupId: 'account-7', messageId: `group-${id}`, traits: { name: 'x' } },
      })
    }
    expect(await names('g1')).toEqual(['g2'])
  })

  test('are at most ten, and said to be more', async () => {
    for (let n = 0; n < 13; n++) await put(`many-${n}`, { email: `p${n}@many.example` })
    const found = await colleagues('many-0')
    expect([found.colleagues.length, found.more]).toEqual([10, true])
  })

  test('are for reps only, and of people who are there', async () => {
    expect((await ext('GET', '/trials/nobody-here/colleagues')).status).toBe(404)
    expect((await ext('GET', '/trials/one/colleagues', undefined, {}, 'no-token')).status).toBe(401)
  })
})

describe('the rest of the card', () => {
  test('pauses and resumes', async () => {
    await trialist('sleeper')
    const until = new Date(companion.api.clock.now() + 7 * dayMs).toISOString()
    expect((await ext('POST', '/trials/sleeper/pause', { until })).body.card.pausedUntil).toBe(until)
    expect(await newestAudit()).toMatchObject({ action: 'trial.pause' })
    expect((await ext('POST', '/trials/sleeper/pause', { until: null })).body.card.pausedUntil).toBeNull()
  })

  test('skips the next email once', async () => {
    const card = await trialist('skipper')
    const ruleId = card.next?.ruleId
    const { status, body } = await ext('POST', '/trials/skipper/skip', { ruleId })
    expect(status).toBe(200)
    expect(body.card.next?.ruleId).not.toBe(ruleId)
    expect(body.card.recent[0]).toMatchObject({ outcome: 'skipped' })
  })

  test('keeps notes, newest first, and their text out of the audit', async () => {
    await trialist('noted')
    await ext('POST', '/trials/noted/notes', { text: 'first' })
    companion.api.clock.advance(secondMs)
    const { body } = await ext('POST', '/trials/noted/notes', { text: '  <b>second</b> ' })
    expect(body.card.notes.map(({ text, by }) => [text, by])).toEqual([
      ['<b>second</b>', 'Admin'],
      ['first', 'Admin'],
    ])
    const row = await newestAudit()
    expect(row).toMatchObject({ action: 'trialist.note', after: { note: body.card.notes[0]?.id } })
    expect(JSON.stringify(row)).not.toContain('second')
    expect((await ext('POST', '/trials/noted/notes', { text: ' ' })).status).toBe(400)
  })

  test('keeps notes of people apart whose ids begin alike', async () => {
    await trialist('alike')
    await companion.api.call('PUT', '/api/trialists/alike%2Fmore', { body: { email: 'more@example.com' } })
    const { status } = await ext('POST', '/trials/alike%2Fmore/notes', { text: 'about the other' })
    expect(status).toBe(200)
    expect((await lookUp(['alike@example.com'])).body.cards['alike@example.com']?.notes).toEqual([])
  })

  test('knows an owner; the audit says that there is one, not who', async () => {
    await trialist('owned')
    await ext('POST', '/trials/owned/owner', { owner: 'Dana' })
    expect(await newestAudit()).toMatchObject({ before: { hasOwner: false }, after: { hasOwner: true } })
    const { body } = await ext('POST', '/trials/owned/owner', { owner: 'Kim' })
    expect(body.card.owner).toBe('Kim')
    const entry = await newestAudit()
    expect(entry).toMatchObject({
      action: 'trialist.owner',
      before: { hasOwner: true },
      after: { hasOwner: true },
    })
    expect(JSON.stringify(entry)).not.toMatch(/"(Dana|Kim)"/)
  })

  test('relabels a reply', async () => {
    await trialist('replied')
    const { body } = await ext('POST', '/trials/replied/reply-label', { label: 'negative' })
    expect(body.card.replyLabel).toBe('negative')
    expect(await newestAudit()).toMatchObject({
      action: 'trialist.reply-label',
      before: { label: null },
      after: { label: 'negative' },
    })
    expect((await ext('POST', '/trials/replied/reply-label', { label: 'rude' })).status).toBe(400)
  })

  test('writes snippets with this person’s figures, or says what is missing', async () => {
    await trialist('writer')
    const offer = await ext<{ text: string }>('POST', '/trials/writer/snippets/extension_offer', {})
    expect(offer.body.text).toMatch(/^Your trial of .+ ends on .+\d/)
    const value = await ext<{ detail: string }>('POST', '/trials/writer/snippets/value_so_far', {})
    expect([value.status, value.body.detail]).toEqual([422, expect.stringContaining('no usage to count')])
  })

  test('leaves an audit chain that is whole', async () => {
    const { body } = await companion.api.call<{ intact: boolean }>('GET', '/api/audit/verify')
    expect(body.intact).toBe(true)
  })
})

describe('erasure', () => {
  test('takes notes, labels and the owner along, and can be repeated after a crash', async () => {
    await trialist('gone')
    await ext('POST', '/trials/gone/notes', { text: 'private' })
    await ext('POST', '/trials/gone/owner', { owner: 'Dana' })
    await ext('POST', '/trials/gone/reply-label', { label: 'positive' })
    const { documents } = companion.api.server.storage
    const crashing = documents.delete
    documents.delete = (kind, id) =>
      kind === 'owner' ? Promise.reject(new Error('power cut')) : crashing.call(documents, kind, id)
    const first = await companion.api.call('DELETE', '/api/trialists/gone')
    documents.delete = crashing
    expect(first.status).toBe(500)
    expect((await companion.api.call('DELETE', '/api/trialists/gone')).status).toBe(200)
    expect((await companion.api.call('DELETE', '/api/trialists/gone')).status).toBe(404)
    for (const kind of ['note', 'owner', 'reply-label', 'erasure'] as const) {
      const left = await documents.list(kind, { limit: 1000 })
      expect(left.filter(({ id }) => id.includes(':u:gone'))).toEqual([])
    }
    // Only an objection of their own would have stayed.
    await companion.api.call('PUT', '/api/trialists/gone-again', { body: { email: 'gone@example.com' } })
    const { body } = await companion.api.call<{ suppressed: unknown }>('GET', '/api/trialists/gone-again')
    expect(body.suppressed).toBeNull()
  })
})
