import type { Command } from '../../server/domain/trial/command.ts'
import type { OutboxMessage } from '../../server/domain/trial/model.ts'
import type { TrialChanges } from '../../server/features/trials/change-trial.ts'
import type { Mailer } from '../../server/ports.ts'
import type { Storage } from '../../server/storage/port.ts'
import type { MutantName } from './protocol.ts'

/**
 * Sending protocols as they are found in the wild, each broken in one place by wrapping a port. The suite must catch
 * every one of them, or its silence about ours would mean nothing.
 */

interface Parts {
  readonly changes: TrialChanges
  readonly mailer: Mailer
  readonly storage: Storage
}

type Change = TrialChanges['change']

const typeOf = (commands: Parameters<Change>[1]): Command['type'] | null =>
  Array.isArray(commands) ? null : (commands as Command).type

const claimOf = (commands: Parameters<Change>[1]) => (commands as Extract<Command, { type: 'gate' }>).claim

/** Saves the claimed email in another state, asking no rule. */
async function force(
  storage: Storage,
  id: Parameters<Change>[0],
  key: string,
  patch: Partial<OutboxMessage>,
): Promise<void> {
  for (;;) {
    const trial = await storage.trials.get(id)
    if (!trial) return
    const outbox = trial.outbox.map((message) => (message.key === key ? { ...message, ...patch } : message))
    if (await storage.trials.save({ ...trial, outbox })) return
  }
}

const passed = async ({ storage }: Parts, id: Parameters<Change>[0]): ReturnType<Change> => {
  const trial = await storage.trials.get(id)
  return trial && { trial, before: trial, outcome: { ok: true } }
}

const mutations: Record<MutantName, (parts: Parts) => Partial<Parts>> = {
  /** The usual way: send, then write down that it was sent. A crash in between sends it again. */
  'mark-after-send': (parts) => ({
    changes: {
      ...parts.changes,
      async change(id, commands, options) {
        const type = typeOf(commands)
        if (type === 'gate') return passed(parts, id)
        if (type === 'sent' || type === 'unknown')
          await force(parts.storage, id, claimOf(commands).key, { state: 'dot', dotAt: 1 })
        return parts.changes.change(id, commands, options)
      },
    },
  }),

  /** Write down that it was sent, then send. A crash in between loses it, and no one will know. */
  'mark-before-send': (parts) => ({
    changes: {
      ...parts.changes,
      async change(id, commands, options) {
        const type = typeOf(commands)
        if (type === 'gate' || type === 'sent') return passed(parts, id)
        const result = await parts.changes.change(id, commands, options)
        if (type === 'prepared')
          await force(parts.storage, id, claimOf(commands).key, { state: 'sent', sentAt: 1 })
        return result
      },
    },
  }),

  /** Marks before the dot, but does not look whether the trial has moved meanwhile. */
  'no-gate-recheck': (parts) => ({
    changes: {
      ...parts.changes,
      async change(id, commands, options) {
        if (typeOf(commands) !== 'gate') return parts.changes.change(id, commands, options)
        const { key, fence } = claimOf(commands)
        await force(parts.storage, id, key, { state: 'dot', dotAt: 1, fence })
        return passed(parts, id)
      },
    },
  }),

  /** Takes a connection lost after the dot for one lost before it, as the library’s error code suggests. */
  'retry-after-dot': ({ mailer }) => ({
    mailer: {
      ...mailer,
      async send(...request) {
        const result = await mailer.send(...request)
        return result.state === 'unknown'
          ? { state: 'deferred', answer: result.answer, code: null, stage: 'CONN' }
          : result
      },
    },
  }),

  /** A worker that slept past its lease goes on as if nothing had happened. */
  'no-fence': (parts) => ({
    changes: {
      ...parts.changes,
      async change(id, commands, options) {
        if (typeOf(commands) !== 'gate') return parts.changes.change(id, commands, { ...options })
        const { key, fence } = claimOf(commands)
        await force(parts.storage, id, key, { state: 'dot', fence })
        return passed(parts, id)
      },
    },
  }),
}

export const breakProtocol = (parts: Parts, mutant: MutantName | undefined): Parts =>
  mutant ? { ...parts, ...mutations[mutant](parts) } : parts
