import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createVault, readEncryptionKey, VaultError } from '../../../../server/features/workspaces/vault.ts'

const folder = mkdtempSync(join(tmpdir(), 'trialpace-vault-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a sealed secret opens with the same key at the same place, and nowhere else', () => {
  const key = randomBytes(32)
  const vault = createVault(key)
  const sealed = vault.seal('geheim – 秘密', 'main/linkSecret')
  expect(sealed).not.toContain('geheim')
  expect(vault.open(sealed, 'main/linkSecret')).toBe('geheim – 秘密')
  expect(() => vault.open(sealed, 'other/linkSecret')).toThrow(VaultError)
  expect(() => createVault(randomBytes(32)).open(sealed, 'main/linkSecret')).toThrow(
    /TRIALPACE_ENCRYPTION_KEY/,
  )
})

test('the same secret never looks the same twice, and any flipped character is noticed', () => {
  const vault = createVault(randomBytes(32))
  const sealed = vault.seal('secret', 'x')
  expect(vault.seal('secret', 'x')).not.toBe(sealed)
  const start = sealed.lastIndexOf('.') + 1
  for (let at = start; at < sealed.length - 1; at++) {
    const flipped = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
    expect(() => vault.open(flipped, 'x')).toThrow(VaultError)
  }
})

test('a key file is made once, for its owner alone', () => {
  const dataDir = join(folder, 'data')
  const first = readEncryptionKey({ encryptionKey: null, dataDir })
  expect(first).toHaveLength(32)
  expect(statSync(join(dataDir, 'encryption.key')).mode & 0o777).toBe(0o600)
  expect(readEncryptionKey({ encryptionKey: null, dataDir })).toEqual(first)
  expect(readFileSync(join(dataDir, 'encryption.key'), 'utf8').trim()).toBe(first.toString('base64'))
})
