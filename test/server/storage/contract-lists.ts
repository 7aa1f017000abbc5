import { expect, it } from 'vitest'
import type { Trial } from '../../../server/domain/trial/model.ts'
import type { TrialQuery } from '../../../server/storage/port.ts'
import { type TrialId, trialIdOfAnonymous, type WorkspaceId } from '../../../shared/trial.ts'
import { buildTrial, someTime } from '../../support/build-trial.ts'
import { type Both, newWorkspace } from './contract-support.ts'

/** Lists filter and page alike on every storage. */
export function describeLists(both: Both): void {
  const sorts: TrialQuery['sort'][] = ['endsAt', 'score', 'lastSeenAt', 'createdAt']

  async function seed(workspaceId: WorkspaceId): Promise<Trial[]> {
    const { storage } = both()
    const trials: Trial[] = []
    for (let index = 0; index < 12; index++) {
      const trial = buildTrial({
        workspaceId,
        userId: `user-${String(index).padStart(2, '0')}`,
        createdAt: someTime + (index % 5) * 1000,
        clock: { endsAt: index % 4 === 0 ? null : someTime + (index % 3) * 86_400_000 },
        standing: { score: index % 4, segment: index % 2 ? 'exploring' : 'activated' },
        usage: { lastSeenAt: index === 7 ? null : someTime + (index % 6) * 2_000_000 },
      })
      trials.push((await storage.trials.save(trial))!)
    }
    return trials
  }

  const sortValue = (trial: Trial, sort: string): number =>
    ({
      endsAt: trial.clock.endsAt ?? Number.POSITIVE_INFINITY,
      score: trial.standing.score,
      lastSeenAt: trial.usage.lastSeenAt ?? 0,
      createdAt: trial.createdAt,
    })[sort]!

  it('pages through each order without skipping or repeating, equal ones by id', async () => {
    const workspaceId = newWorkspace()
    const trials = await seed(workspaceId)
    for (const field of sorts)
      for (const sign of [1, -1]) {
        const sort = (sign === 1 ? field : `-${field}`) as TrialQuery['sort']
        const expected = trials
          .toSorted((a, b) => {
            const [left, right] = [sortValue(a, field), sortValue(b, field)]
            const order = left === right ? (a.id < b.id ? -1 : 1) : left < right ? -1 : 1
            return order * sign
          })
          .map(({ id }) => id)
        const seen: TrialId[] = []
        let cursor: string | null = null
        do {
          const query: TrialQuery = { workspaceId, sort, limit: 5, ...(cursor ? { cursor } : {}) }
          const page = await both().storage.trials.list(query)
          seen.push(...page.trials.map(({ id }) => id))
          cursor = page.cursor
        } while (cursor)
        expect(seen, sort).toEqual(expected)
      }
  })

  it('filters by segment, pace, status, address and text, and follows what changes', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const build = (userId: string, patch: Parameters<typeof buildTrial>[0]) =>
      buildTrial({ workspaceId, userId, ...patch })
    const ann = (await storage.trials.save(
      build('u1', {
        person: { email: 'ann@example.com' as never, name: 'Ann (Ops) [x]*', company: 'Ägir AG' },
        standing: { segment: 'activated', pace: 'ahead' },
      }),
    ))!
    await storage.trials.save(build('u2', { clock: { status: 'ended' }, person: { name: '100% Bob' } }))
    await storage.trials.save(
      buildTrial({
        workspaceId,
        userId: null,
        anonymousId: 'v',
        id: trialIdOfAnonymous(workspaceId, 'v'),
      }),
    )
    const found = async (query: Partial<TrialQuery>) => {
      const { trials } = await storage.trials.list({ workspaceId, sort: 'createdAt', limit: 10, ...query })
      return trials.map(({ userId, anonymousId }) => userId ?? anonymousId)
    }
    expect(await found({})).toEqual(['u1', 'u2'])
    expect(await found({ status: 'anonymous' })).toEqual(['v'])
    expect(await found({ status: 'ended' })).toEqual(['u2'])
    expect(await found({ segment: 'activated', pace: 'ahead' })).toEqual(['u1'])
    expect(await found({ segment: 'activated', pace: 'slow' })).toEqual([])
    expect(await found({ email: 'ann@example.com' })).toEqual(['u1'])
    expect(await found({ mailbox: 'ann+news@example.com' })).toEqual(['u1'])
    expect(await found({ mailbox: 'an.n@example.com' })).toEqual([])
    for (const q of ['ANN', '(ops) [X]*', 'ägir', 'example.COM', ' u1 '])
      expect(await found({ q }), q).toEqual(['u1'])
    expect(await found({ q: '100%' })).toEqual(['u2'])
    expect(await found({ q: '.*' })).toEqual([])
    await storage.trials.save({
      ...ann,
      person: { ...ann.person, email: null, name: 'Zoe' },
      standing: { ...ann.standing, segment: 'exploring' },
    })
    expect(await found({ email: 'ann@example.com' })).toEqual([])
    expect(await found({ q: 'zoe' })).toEqual(['u1'])
    expect(await found({ segment: 'activated' })).toEqual([])
    expect(await storage.trials.countBySegment(workspaceId)).toEqual({
      opportunist: 0,
      unqualified: 0,
      unaware: 1,
      exploring: 1,
      activated: 0,
    })
  })

  it('finds every part of a text, however short or common, in order and in pages', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const texts = [
      'aa aa',
      'ab ab "ab"',
      'aab',
      'a%b_c',
      'aba aba aba',
      'ÀÉ日本語です',
      '😀😀 ok',
      "o'neil; --",
    ]
    for (const [index, name] of texts.entries())
      for (const copy of [1, 2, 3])
        await storage.trials.save(
          buildTrial({
            workspaceId,
            userId: `${index}-${copy}`,
            person: { email: null, name, company: null },
            createdAt: someTime + index * 10 + copy,
            standing: { segment: copy === 1 ? 'activated' : 'exploring' },
          }),
        )
    const idsOf = async (query: Partial<TrialQuery>) => {
      const ids: (string | null)[] = []
      let cursor: string | null = null
      do {
        const page = await storage.trials.list({
          workspaceId,
          sort: '-createdAt',
          limit: 2,
          ...query,
          ...(cursor ? { cursor } : {}),
        })
        ids.push(...page.trials.map(({ userId }) => userId))
        cursor = page.cursor
      } while (cursor)
      return ids
    }
    const copies = (index: number) => [3, 2, 1].map((copy) => `${index}-${copy}`)
    const having = (part: string) =>
      texts.flatMap((text, index) => (text.toLowerCase().includes(part) ? [index] : [])).reverse()
    for (const q of [
      'a',
      'ab',
      'aab',
      'aba',
      'aba aba',
      '"ab',
      '%b_',
      'àé日',
      '日',
      '本語です',
      '😀',
      '😀 ok',
      "o'n",
      '; --',
    ])
      expect(await idsOf({ q }), q).toEqual(having(q.toLowerCase()).flatMap(copies))
    expect(await idsOf({ q: 'aba', segment: 'activated' })).toEqual(['4-1'])
    expect(await idsOf({ q: 'abaabab' })).toEqual([])
    expect(await idsOf({ q: '3-2' })).toEqual(['3-2'])
  })

  it('finds people of one company by the domain of their address or by what the product says', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const build = (userId: string, person: Partial<Trial['person']>, at: number) =>
      buildTrial({ workspaceId, userId, person, createdAt: someTime + at })
    const ann = (await storage.trials.save(build('ann', { email: 'ann@eu.acme.co.uk' as never }, 1)))!
    await storage.trials.save(build('bob', { email: 'bob@acme.co.uk' as never, company: 'Acme' }, 2))
    await storage.trials.save(build('cat', { email: 'cat@gmail.com' as never, company: ' ACME ' }, 3))
    await storage.trials.save(build('dan', { email: 'dan@gmail.com' as never }, 4))
    const found = async (query: Partial<TrialQuery>) => {
      const { trials } = await storage.trials.list({ workspaceId, sort: '-createdAt', limit: 10, ...query })
      return trials.map(({ userId }) => userId)
    }
    expect(await found({ domain: 'acme.co.uk' })).toEqual(['bob', 'ann'])
    expect(await found({ domain: 'gmail.com' })).toEqual([])
    expect(await found({ company: 'acme' })).toEqual(['cat', 'bob'])
    expect(await found({ domain: 'acme.co.uk', limit: 1 })).toEqual(['bob'])
    await storage.trials.save({
      ...ann,
      person: { ...ann.person, email: 'ann@gmail.com' as never, traits: { groupId: 'Acme' } },
    })
    expect(await found({ domain: 'acme.co.uk' })).toEqual(['bob'])
    expect(await found({ company: 'acme' })).toEqual(['cat', 'bob', 'ann'])
  })

  it('refuses a cursor it did not give out', async () => {
    const query = { workspaceId: newWorkspace(), sort: 'score', limit: 5 } as const
    for (const cursor of ['', 'nonsense', Buffer.from('[1]').toString('base64url')])
      await expect(both().storage.trials.list({ ...query, cursor })).rejects.toThrow('cursor')
  })
}
