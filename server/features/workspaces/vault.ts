import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makePrivateDirectory } from '../../storage/private-files.ts'

/** Secrets at rest: AES-256-GCM, a random 96-bit nonce each, bound to where they stand. */
export interface Vault {
  /** @param place workspace and field; the sealed text opens nowhere else. */
  seal(secret: string, place: string): string
  /** @throws VaultError when the key is another one or the text was tampered with. */
  open(sealed: string, place: string): string
  /** The same text sealed with the present key; itself when it is already. */
  renew(sealed: string, place: string): string
  /** Fingerprint that can be compared but not guessed without the key: HMAC-SHA256, 160 bits in hexadecimal. */
  fingerprint(text: string, purpose: string): string
}

export class VaultError extends Error {
  override readonly name = 'VaultError'
}

const version = 'v1'

const idOf = (key: Buffer): string => createHash('sha256').update(key).digest('base64url').slice(0, 8)

/**
 * @param options.previous opens what was sealed before the key was changed, and seals nothing.
 * @param options.fingerprintKey stays when the key changes: fingerprints cannot be made again from what is stored.
 */
export function createVault(
  key: Buffer,
  { previous = null, fingerprintKey = key }: { previous?: Buffer | null; fingerprintKey?: Buffer } = {},
): Vault {
  const keyId = idOf(key)
  const keys = new Map([...(previous ? [[idOf(previous), previous] as const] : []), [keyId, key]])
  const vault: Vault = {
    fingerprint(text, purpose) {
      const own = createHmac('sha256', fingerprintKey).update(`fingerprint/${purpose}`).digest()
      return createHmac('sha256', own).update(text).digest('hex').slice(0, 40)
    },
    seal(secret, place) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return [version, keyId, nonce.toString('base64url'), sealed.toString('base64url')].join('.')
    },
    open(sealed, place) {
      const [sealedVersion, sealedKeyId, nonce, text] = sealed.split('.')
      if (sealedVersion !== version || !nonce || !text)
        throw new VaultError(`${place} is not a sealed secret`)
      const used = keys.get(sealedKeyId ?? '')
      if (!used)
        throw new VaultError(
          `${place} was encrypted with another key. Set TRIALPACE_ENCRYPTION_KEY to that key, or restore encryption.key in the data directory.`,
        )
      const bytes = Buffer.from(text, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', used, Buffer.from(nonce, 'base64url'))
          .setAAD(Buffer.from(place))
          .setAuthTag(bytes.subarray(-16))
        return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new VaultError(`${place} has been tampered with`, { cause })
      }
    },
    renew: (sealed, place) =>
      sealed.split('.')[1] === keyId ? sealed : vault.seal(vault.open(sealed, place), place),
  }
  return vault
}

/** The key of the environment, or a key file in the data directory, made at the first start and readable by us alone. */
export function readEncryptionKey({
  encryptionKey,
  dataDir,
}: {
  encryptionKey: string | null
  dataDir: string
}): Buffer {
  if (encryptionKey !== null) return Buffer.from(encryptionKey, 'base64')
  makePrivateDirectory(dataDir)
  const file = join(dataDir, 'encryption.key')
  try {
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64')
  if (key.length !== 32) throw new VaultError(`${file} does not hold a key of 32 bytes`)
  return key
}
