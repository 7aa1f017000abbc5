import { describe, expect, it } from 'vitest'
import { dayMs, hourMs } from '../../../shared/clock.ts'
import { collectLimits } from '../../../shared/collect.ts'
import { collectSetup, fresh, sign, track } from '../../support/collect-client.ts'
import { secretKey, writeKey } from '../../support/serve-collect.ts'

const collect = collectSetup()
const { send, countOf } = collect

describe('verdicts per event', () => {
  it('takes the good ones and says what is wrong with the others', async () => {
    const userId = fresh('user')
    const answer = await send([
      track('A', { userId }),
      { type: 'track', userId, messageId: 'bad-1' },
      7,
      track('A', { userId, timestamp: 'yesterday' }),
      track('A', { userId }),
    ])
    expect(answer).toMatchObject({ accepted: 3, duplicates: 0 })
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'invalid_event_name'],
      [2, 'not_an_object'],
    ])
    expect(answer.ignored).toMatchObject([{ index: 3, fields: ['timestamp'] }])
    expect(answer.rejected[0]?.messageId).toBe('bad-1')
    expect(await countOf(userId, 'A')).toBe(3)
  })
  it('takes an event of the allowed size and rejects one that is a byte larger', async () => {
    const sized = (bytes: number) => {
      const event = track('A', { userId: 'sized', properties: { pad: '' } })
      event.properties = { pad: 'x'.repeat(bytes - JSON.stringify(event).length) }
      return event
    }
    const more = track('A', { userId: 'sized' })
    expect(await send([sized(collectLimits.eventBytes), more])).toMatchObject({ accepted: 2 })
    expect(await send([sized(collectLimits.eventBytes + 1), track('A', { userId: 'sized' })])).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, code: 'event_too_large' }],
    })
  })
  it('takes the first 500 of a batch and names the others', async () => {
    const userId = fresh('user')
    const answer = await send(Array.from({ length: 503 }, () => track('A', { userId })))
    expect(answer.accepted).toBe(500)
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([
      [500, 'too_many_events'],
      [501, 'too_many_events'],
      [502, 'too_many_events'],
    ])
  })
  it('counts an event once, however often and wherever it is sent again', async () => {
    const userId = fresh('user')
    const event = track('A', { userId })
    expect(await send([event, event])).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await send([event])).toMatchObject({ accepted: 0, duplicates: 1 })
    await Promise.all(Array.from({ length: 8 }, () => send([event])))
    expect(await countOf(userId, 'A')).toBe(1)
  })
  it.each(['properties', 'traits', 'context', 'integrations', 'foo'])(
    'survives 60,000 levels in %s and leaves out only those',
    async (member) => {
      const userId = fresh('deep')
      for (const deep of [
        `${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`,
        `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
      ]) {
        const text = `{"writeKey":"${writeKey}","batch":[{"type":"track","event":"A","userId":"${userId}","${member}":${deep}},{"type":"track","event":"A","userId":"${userId}"}]}`
        const response = await collect.server.post('/v1/b', text)
        expect(await response.json()).toMatchObject({
          accepted: 2,
          rejected: [],
          ignored: [{ index: 0, fields: [member] }],
        })
      }
      expect(await countOf(userId, 'A')).toBe(4)
    },
  )
  it('takes names that mean something to JavaScript as mere names', async () => {
    const userId = fresh('user')
    const names = ['constructor', 'toString', 'hasOwnProperty', '$set', 'a.b']
    await send(names.map((name) => track(name, { userId })))
    const trial = await collect.server.trialOf(userId)
    for (const name of names) expect(Object.hasOwn(trial?.usage.counters ?? {}, name), name).toBe(true)
    expect(trial?.usage.total).toBe(names.length)
    expect(({} as Record<string, unknown>).count).toBeUndefined()
  })
})

describe('who may say what', () => {
  const traits = { email: 'ann@example.com', plan: 'pro', trialEndsAt: '2027-01-24T00:00:00Z', role: 'admin' }
  it('believes the team’s own server', async () => {
    const userId = fresh('user')
    await send([{ type: 'identify', userId, traits }], {}, secretKey)
    const trial = await collect.server.trialOf(userId)
    expect(trial?.person).toMatchObject({ email: 'ann@example.com', plan: 'pro', traits: { role: 'admin' } })
    expect(trial?.clock.endsAt).toBe(Date.UTC(2027, 0, 24))
  })
  it('takes only free traits from a browser that proves nothing', async () => {
    const userId = fresh('user')
    await send([{ type: 'identify', userId, traits, context: { timezone: 'Europe/Berlin' } }])
    const trial = await collect.server.trialOf(userId)
    expect(trial?.person).toMatchObject({
      email: null,
      plan: null,
      timeZone: 'Europe/Berlin',
      traits: { role: 'admin' },
    })
    expect(trial?.clock.endsAt).not.toBe(Date.UTC(2027, 0, 24))
  })
  it('takes email, money and dates from within a signature only', async () => {
    const userId = fresh('user')
    const identityToken = await sign({ sub: userId, email: 'signed@example.com' })
    for (const proof of [{ identityToken }, { context: { identityToken } }])
      await send([{ type: 'identify', userId, traits }], proof)
    await send([{ type: 'identify', userId, traits, context: { identityToken } }])
    const bearer = await collect.server.post(
      '/v1/i',
      { writeKey, userId, traits },
      { headers: { authorization: `Bearer ${identityToken}` } },
    )
    expect(await bearer.json()).toMatchObject({ accepted: 1 })
    const trial = await collect.server.trialOf(userId)
    expect(trial?.person).toMatchObject({ email: 'signed@example.com', plan: null })
    expect(trial?.clock.endsAt).not.toBe(Date.UTC(2027, 0, 24))
    const logged = await collect.server.storage.events.ofSubject('main' as never, `u:${userId}`, 10)
    expect(logged.map(({ event }) => event.verified)).toEqual([true, true, true, true])
  })
  it('does not let a signed user speak for another', async () => {
    const userId = fresh('victim')
    const identityToken = await sign({ sub: 'attacker', email: 'evil@example.com' })
    await send([{ type: 'identify', userId, traits }], { identityToken })
    expect((await collect.server.trialOf(userId))?.person.email).toBeNull()
  })
  it('rejects unproved users where the workspace asks for proof, but not visitors', async () => {
    const batch = [track('A', { userId: 'strict-user' }), track('A', { anonymousId: 'strict-visitor' })]
    expect(await send(batch, {}, 'pk_strict')).toMatchObject({
      accepted: 1,
      rejected: [{ index: 0, code: 'identity_required' }],
    })
    expect(await send(batch.slice(0, 1), {}, 'sk_strict')).toMatchObject({ accepted: 1 })
  })
  it('leaves out an address or a date that is none, where it would count', async () => {
    const bad = [{ email: 'a@b.co,c@d.co' }, { trialEndsAt: 'soon' }].map((traits) => ({
      type: 'identify',
      userId: 'bad',
      traits,
    }))
    const answer = await send(bad, {}, secretKey)
    expect(answer).toMatchObject({ accepted: 2, rejected: [] })
    expect(answer.ignored?.map(({ fields }) => fields)).toEqual([['traits.email'], ['traits.trial']])
    expect((await collect.server.trialOf('bad'))?.person.email).toBeNull()
    expect(await send(bad)).toMatchObject({ accepted: 2 })
  })
})

describe('the time of events', () => {
  it('survives a client’s wrong clock and a server’s moved one', async () => {
    const userId = fresh('user')
    const clientNow = Date.now() - 300 * dayMs
    const at = new Date(clientNow - hourMs).toISOString()
    const before = Date.now()
    await send([track('A', { userId, timestamp: at })], { sentAt: new Date(clientNow).toISOString() })
    const seen = (await collect.server.trialOf(userId))?.usage.lastSeenAt ?? 0
    expect(seen).toBeGreaterThanOrEqual(before - hourMs)
    expect(seen).toBeLessThanOrEqual(Date.now() - hourMs)
  })
  it('begins a trial with its first event', async () => {
    const userId = fresh('user')
    const first = Date.now() - 2 * dayMs
    const dated = () => track('A', { userId, timestamp: new Date(first).toISOString() })
    await send([dated()])
    const unsigned = (await collect.server.trialOf(userId))?.clock
    expect(unsigned?.startsAt).toBeGreaterThan(first + dayMs)
    await send([dated()], { identityToken: await sign({ sub: userId }) })
    const clock = (await collect.server.trialOf(userId))?.clock
    expect(clock).toMatchObject({ startsAt: first, endsAt: first + 14 * dayMs, status: 'trialing' })
  })
})

describe('the answer', () => {
  it('tells our own browser code about the trial, and vendor clients nothing', async () => {
    const userId = fresh('user')
    const proof = { identityToken: await sign({ sub: userId }) }
    const event = () => track('Board Created', { userId })
    const told = await send([event()], { nudges: true, ...proof })
    expect(told.trial).toMatchObject({ status: 'trialing', segment: expect.any(String) })
    expect(told.nudges).toBeInstanceOf(Array)
    const { etag } = told.rules as { etag: string }
    expect(await send([event()], { nudges: true, rulesEtag: etag, ...proof })).not.toHaveProperty('rules')
    const ours = { context: { library: { name: 'trialpace' } }, ...proof }
    expect(await send([event()], ours)).toHaveProperty('trial')
    expect(await send([event()], { nudges: false })).not.toHaveProperty('nudges')
    for (const silent of [await send([event()]), await send([event()], { nudges: true }, secretKey)])
      expect(silent).not.toHaveProperty('trial')
  })
  it('is silent when the events are of two people', async () => {
    const batch = [track('A', { userId: fresh('user') }), track('A', { userId: fresh('user') })]
    expect(await send(batch, { nudges: true })).not.toHaveProperty('trial')
  })
  it('comes again for an event that is known already', async () => {
    const userId = fresh('user')
    const proof = { nudges: true, identityToken: await sign({ sub: userId }) }
    const event = track('A', { userId })
    await send([event], proof)
    expect(await send([event], proof)).toHaveProperty('trial')
  })
  it('wakes anyone who waits for changed trials', async () => {
    const userId = fresh('user')
    await send([track('A', { userId })])
    expect(collect.server.announced).toContain(`main:u:${userId}`)
  })
  it('notes what became of a nudge, which is no usage of the product', async () => {
    const userId = fresh('user')
    const nudge = (what: string, agoMs: number) =>
      track(`Nudge ${what}`, {
        userId,
        timestamp: new Date(Date.now() - agoMs).toISOString(),
        properties: { nudge_id: 'upgrade-after-value' },
      })
    await send([track('A', { userId })])
    const identityToken = await sign({ sub: userId })
    await send([nudge('Shown', 30), nudge('Dismissed', 20), nudge('Shown', 10)], { identityToken })
    const trial = await collect.server.trialOf(userId)
    expect(trial?.nudges['upgrade-after-value']).toMatchObject({ dismissals: 1 })
    expect(trial?.nudges['upgrade-after-value']?.shownAt).toHaveLength(2)
    expect(trial?.usage.total).toBe(1)
  })
})
