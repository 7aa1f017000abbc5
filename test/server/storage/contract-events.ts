import { expect, it } from 'vitest'
import { trialIdOfUser } from '../../../shared/trial.ts'
import { buildLogged, foldByCounting } from '../../support/build-event.ts'
import { someTime } from '../../support/build-trial.ts'
import { awkward, type Both, newWorkspace } from './contract-support.ts'

/** Some of which are of version 7, in lower case; all others are ids like any other. */
const uuids = [
  '0197a3b2-1c00-7abc-8def-000000000001',
  '0197a3b2-1c00-7abc-bdef-000000000001',
  '0197A3B2-1C00-7ABC-8DEF-000000000001',
  '0197a3b2-1c00-4abc-8def-000000000001',
  '0197a3b2-1c00-7abc-cdef-000000000001',
  '0197a3b21c007abc8def000000000001',
  '0197a3b2-1c00-7abc-8def-0000000000011',
  '!1|0197a3b2-1c00-7abc-8def-000000000001',
]

/** The log gives events back as they came, and forgets what it is told to. */
export function describeEventLog(both: Both): void {
  it('keeps events whole, oldest first, apart by subject', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const events = [3, 1, 2].map((hour) =>
      buildLogged(
        {
          messageId: `m${hour}`,
          at: someTime + hour,
          properties: awkward(),
          traits: { a: null },
          verified: true,
        },
        { workspaceId, subject: 'a:visitor', trialId: trialIdOfUser(workspaceId, 'known') },
      ),
    )
    const other = buildLogged({ messageId: 'other' }, { workspaceId, subject: 'a:visitor2' })
    await storage.ingest([...events, other], foldByCounting)
    expect(await storage.events.ofSubject(workspaceId, 'a:visitor', 10)).toEqual([
      events[1],
      events[2],
      events[0],
    ])
    expect(await storage.events.ofSubject(workspaceId, 'a:visitor', 1)).toEqual([events[1]])
    expect(await storage.events.eraseSubject(workspaceId, 'a:visitor')).toBe(3)
    expect(await storage.events.ofSubject(workspaceId, 'a:visitor', 10)).toEqual([])
    expect(await storage.events.ofSubject(workspaceId, 'a:visitor2', 10)).toEqual([other])
  })

  it('deletes what was received before', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const before = await storage.events.count()
    const events = Array.from({ length: 30 }, (_, index) =>
      buildLogged({ messageId: `m${index}`, receivedAt: 1000 + index }, { workspaceId }),
    )
    await storage.ingest(events, foldByCounting)
    expect(await storage.events.count()).toBe(before + 30)
    expect(await storage.events.purge(1010)).toBe(10)
    expect(await storage.events.count()).toBe(before + 20)
    const again = await storage.ingest(events, foldByCounting)
    expect([...again.duplicates].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 10),
    )
  })

  it('erases one subject of many that came together, and knows the others again', async () => {
    const { storage, second } = both()
    const workspaceId = newWorkspace()
    const events = Array.from({ length: 60 }, (_, index) =>
      buildLogged(
        { messageId: `m${index}`, at: someTime + index },
        { workspaceId, userId: `user-${index % 3}` },
      ),
    )
    const of = (user: number) => events.filter((_, index) => index % 3 === user)
    await storage.ingest(events.slice(0, 45), foldByCounting)
    await second.ingest(events.slice(30), foldByCounting)
    expect(await second.events.eraseSubject(workspaceId, 'u:user-1')).toBe(20)
    expect(await storage.events.eraseSubject(workspaceId, 'u:user-1')).toBe(0)
    expect(await storage.events.ofSubject(workspaceId, 'u:user-1', 100)).toEqual([])
    expect(await storage.events.ofSubject(workspaceId, 'u:user-0', 100)).toEqual(of(0))
    expect(await storage.events.ofSubject(workspaceId, 'u:user-2', 7)).toEqual(of(2).slice(0, 7))
    const again = await storage.ingest(events, foldByCounting)
    expect(again.duplicates.size).toBe(40)
    expect(events.filter((_, index) => !again.duplicates.has(index))).toEqual(of(1))
  })

  it('keeps an id of one subject apart from the same id of another', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const of = (userId: string) =>
      uuids.map((messageId) => buildLogged({ messageId }, { workspaceId, userId, subject: `n:${userId}` }))
    const named = of('ann')
    const proven = named.map((logged) => ({ ...logged, subject: 'u:ann' }))
    const mixed = [...named, ...of('bo'), ...proven]
    expect((await storage.ingest(mixed, foldByCounting)).duplicates.size).toBe(0)
    expect((await storage.ingest(mixed, foldByCounting)).duplicates.size).toBe(mixed.length)
    expect(await storage.events.eraseSubject(workspaceId, 'n:ann')).toBe(uuids.length)
    const again = await storage.ingest(mixed, foldByCounting)
    expect([...again.duplicates].sort((a, b) => a - b)).toEqual(
      mixed.flatMap((event, index) => (event.subject === 'n:ann' ? [] : [index])),
    )
  })

  it('tells the copies among very many events, whatever their ids are made of', async () => {
    const { storage } = both()
    const workspaceId = newWorkspace()
    const ids = [
      '"',
      '\\',
      "'",
      '\n',
      'a\u0000b',
      'a\u0000c',
      'ü😀',
      '[',
      '%',
      '_',
      '|',
      '',
      ' ',
      'null',
      '1',
      '01',
      ...uuids,
    ]
    const events = Array.from({ length: 1300 }, (_, index) =>
      buildLogged(
        { messageId: ids[index] ?? `m${index}`, at: someTime + index },
        { workspaceId, userId: `user-${index % 7}` },
      ),
    )
    const copies = [3, 10, 499, 500, 1299]
    const logged = [...events, ...copies.map((index) => events[index]!)]
    const { duplicates } = await storage.ingest(logged, foldByCounting)
    expect([...duplicates].sort((a, b) => a - b)).toEqual(copies.map((_, index) => 1300 + index))
    expect((await storage.ingest(logged, foldByCounting)).duplicates.size).toBe(1305)
    for (let user = 0; user < 7; user++)
      expect(await storage.events.ofSubject(workspaceId, `u:user-${user}`, 1000)).toEqual(
        events.filter((_, index) => index % 7 === user),
      )
  })
}
