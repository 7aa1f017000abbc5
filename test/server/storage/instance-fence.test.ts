import { expect, it } from 'vitest'
import {
  checkInstanceFence,
  confirmInstance,
  decideInstanceFence,
  instanceFingerprint,
} from '../../../server/storage/instance-fence.ts'
import { openSqliteStorage } from '../../../server/storage/sqlite/index.ts'

const here = instanceFingerprint({ dataDir: '/srv/trialpace' })
const there = instanceFingerprint({ dataDir: '/srv/restored' })

it('lets a database send where it was made, and after a restart', async () => {
  const storage = await openSqliteStorage({ file: ':memory:' })
  const starts = await Promise.all([1, 2, 3].map((now) => checkInstanceFence(storage, here, now)))
  expect(starts.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok'])
  expect(new Set(starts.map(({ instance }) => instance.instanceId)).size).toBe(1)
})

it('holds a copy back until a person confirms it, and then the original', async () => {
  const storage = await openSqliteStorage({ file: ':memory:' })
  const { instance } = await checkInstanceFence(storage, here, 1)
  expect(await checkInstanceFence(storage, there, 2)).toEqual({
    state: 'clone',
    instance,
    fingerprint: there,
  })
  expect((await checkInstanceFence(storage, there, 3)).state).toBe('clone')
  const confirmed = await confirmInstance(storage, there, 4)
  expect(confirmed).toMatchObject({
    state: 'ok',
    instance: { fingerprint: there, since: 4, moves: [{ fingerprint: here, until: 4 }] },
  })
  expect(confirmed.instance.instanceId).not.toBe(instance.instanceId)
  expect(await confirmInstance(storage, there, 5)).toEqual(confirmed)
  expect((await checkInstanceFence(storage, there, 6)).state).toBe('ok')
  expect((await checkInstanceFence(storage, here, 7)).state).toBe('clone')
})

it('tells homes apart, but takes a new password for no move', () => {
  expect(here).not.toBe(there)
  const uri = (credentials: string, rest: string) => ({ mongodbUri: `mongodb://${credentials}${rest}` })
  const home = instanceFingerprint(uri('', 'a:1,b:2/db'))
  expect(instanceFingerprint(uri('user:pa%40ss@', 'a:1,b:2/db?replicaSet=r'))).toBe(home)
  expect(instanceFingerprint(uri('', 'a:1,b:2/other'))).not.toBe(home)
  expect(instanceFingerprint(uri('', 'c:1/db'))).not.toBe(home)
})

it('decides without touching anything', () => {
  const stored = Object.freeze({ instanceId: 'i', fingerprint: here, since: 1, moves: [] })
  expect(decideInstanceFence(stored, here).state).toBe('ok')
  expect(decideInstanceFence(stored, there).state).toBe('clone')
})
