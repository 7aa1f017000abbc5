import type { DocumentStore } from '../../storage/port.ts'
import { createVault, readEncryptionKey, type Vault } from './vault.ts'

const kind = 'vault'
const id = 'fingerprint-key'

/**
 * The vault under the present key. When the key was changed, what was sealed with the one before can still be opened,
 * and fingerprints (of suppressed addresses) go on under the first key, which is kept, sealed.
 */
export async function openVault(
  documents: DocumentStore,
  config: {
    readonly encryptionKey: string | null
    readonly previousEncryptionKey: string | null
    readonly dataDir: string
  },
): Promise<Vault> {
  const key = readEncryptionKey(config)
  const previous =
    config.previousEncryptionKey === null ? null : Buffer.from(config.previousEncryptionKey, 'base64')
  const plain = createVault(key, { previous })
  const stored = await documents.get(kind, id)
  if (!stored && previous === null) return plain
  const fingerprintKey = stored
    ? Buffer.from(plain.open(stored.body.sealed, id), 'base64')
    : (previous as Buffer)
  const sealed = stored
    ? plain.renew(stored.body.sealed, id)
    : plain.seal(fingerprintKey.toString('base64'), id)
  if (sealed !== stored?.body.sealed) await documents.put(kind, id, { sealed })
  return createVault(key, { previous, fingerprintKey })
}
