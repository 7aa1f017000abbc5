import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { checkInstanceFence, type InstanceFence, instanceFingerprint } from '../storage/instance-fence.ts'
import type { Storage } from '../storage/port.ts'

/** Whether this server may send: a copy of the database must not email real people before a person has said so. */
export interface SendingFence {
  canSend(): boolean
  /** Looks again: `trialpace doctor --confirm-instance` works on a running server. */
  refresh(): Promise<void>
}

export const fingerprintOf = (config: Pick<Config, 'mongodbUri' | 'dataDir'>): string =>
  instanceFingerprint(config.mongodbUri ? { mongodbUri: config.mongodbUri } : { dataDir: config.dataDir })

export async function createSendingFence({
  storage,
  config,
  now,
  log,
}: {
  storage: Storage
  config: Pick<Config, 'mongodbUri' | 'dataDir'>
  now: () => number
  log: Logger
}): Promise<SendingFence> {
  const fingerprint = fingerprintOf(config)
  let fence: InstanceFence = await checkInstanceFence(storage, fingerprint, now())
  if (fence.state === 'clone')
    log.error(
      { instance: fence.instance.instanceId },
      'This database was copied from elsewhere; no email is sent. If this is its home now and the old one is off, run `trialpace doctor --confirm-instance`.',
    )
  return {
    canSend: () => fence.state === 'ok',
    async refresh() {
      if (fence.state === 'ok') return
      fence = await checkInstanceFence(storage, fingerprint, now())
      if (fence.state === 'ok') log.info('The move of the database was confirmed; email is sent again.')
    },
  }
}
