import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openVault } from '../../../../server/features/workspaces/open-vault.ts'
import { openSqliteStorage } from '../../../../server/storage/sqlite/index.ts'

const key = () => randomBytes(32).toString('base64')

test('a changed key opens what was sealed before, renews it, and keeps fingerprints, also when it changes again', async () => {
  const storage = await openSqliteStorage({ file: ':memory:' })
  try {
    const open = (encryptionKey: string, previousEncryptionKey: string | null = null) =>
      openVault(storage.documents, { encryptionKey, previousEncryptionKey, dataDir: '' })
    const [first, second, third] = [key(), key(), key()]
    const before = await open(first)
    const sealed = before.seal('rk_live_1', 'billing-connection/1')
    const fingerprint = before.fingerprint('ann@example.com', 'suppression')

    const changing = await open(second, first)
    const renewed = changing.renew(sealed, 'billing-connection/1')
    expect(renewed).not.toBe(sealed)
    expect(changing.renew(renewed, 'billing-connection/1')).toBe(renewed)
    expect(() => before.open(renewed, 'billing-connection/1')).toThrow(/another key/)

    const after = await open(second)
    expect(after.open(renewed, 'billing-connection/1')).toBe('rk_live_1')
    expect(() => after.open(sealed, 'billing-connection/1')).toThrow(/another key/)
    await open(third, second)
    for (const vault of [changing, after, await open(third)])
      expect(vault.fingerprint('ann@example.com', 'suppression')).toBe(fingerprint)
  } finally {
    await storage.close()
  }
})
