import { createHash } from 'node:crypto'
import { hourMs, minuteMs } from '../../../shared/clock.ts'
import { networkOf } from '../../http/client-address.ts'
import type { Clock } from '../../ports.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'

/**
 * Holds back anyone who guesses passwords, or has links sent for resetting them. Tries are counted in the database, so all servers count together and no flood
 * pushes a count out. The limit of an account holds only for networks it has never signed in from: a stranger’s
 * guesses do not lock its owner out.
 */
export interface LoginBrake {
  /** Counts a try. @returns seconds to wait, 0 when it may go on. */
  take(ip: string, email: string): Promise<number>
  /**
   * A right password: that network is known from now on, its tries of this account are forgotten, and this one does not
   * count as a guess. A whole office may sign in within minutes from one address.
   */
  succeeded(ip: string, email: string): Promise<void>
}

export const triesKind = 'login-tries'
const networksKind = 'login-networks'

interface Limit {
  readonly most: number
  readonly withinMs: number
}
interface Limits {
  readonly perNetwork: Limit
  readonly perAccountAndNetwork: Limit
  /** From networks the account has never signed in from, all of them together. */
  readonly perAccount: Limit
}
const limitsOf: Readonly<Record<'sign-in' | 'reset', Limits>> = {
  'sign-in': {
    perNetwork: { most: 20, withinMs: 15 * minuteMs },
    perAccountAndNetwork: { most: 5, withinMs: 15 * minuteMs },
    perAccount: { most: 50, withinMs: hourMs },
  },
  reset: {
    perNetwork: { most: 10, withinMs: 15 * minuteMs },
    perAccountAndNetwork: { most: 3, withinMs: 15 * minuteMs },
    perAccount: { most: 10, withinMs: hourMs },
  },
}
const networksKept = 20

const hashOf = (...parts: string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)

export function createLoginBrake({
  clock,
  documents,
  of = 'sign-in',
}: {
  clock: Clock
  documents: DocumentStore
  of?: keyof typeof limitsOf
}): LoginBrake {
  const { perNetwork, perAccountAndNetwork, perAccount } = limitsOf[of]
  /** The networks an account has signed in from are the same for both; what is counted is not. */
  const countedAs = (...parts: string[]) => (of === 'sign-in' ? hashOf(...parts) : hashOf(of, ...parts))
  /** A try beyond the limit is not counted: it must not keep the door shut. */
  async function count(id: string, { most, withinMs }: Limit): Promise<number> {
    const now = clock.now()
    let waitMs = 0
    await updateDocument(documents, triesKind, id, (before) => {
      const recent = (before?.at ?? []).filter((at) => at <= now && now - at < withinMs)
      waitMs = recent.length >= most ? (recent[0] as number) + withinMs - now : 0
      return waitMs > 0 ? null : { at: [...recent, now] }
    })
    return Math.ceil(waitMs / 1000)
  }

  return {
    async take(ip, email) {
      const network = hashOf('network', networkOf(ip))
      const wait =
        (await count(countedAs(network), perNetwork)) ||
        (await count(countedAs(network, email), perAccountAndNetwork))
      if (wait > 0) return wait
      const networks = await documents.get(networksKind, hashOf('account', email))
      return networks?.body.known.includes(network) ? 0 : count(countedAs('account', email), perAccount)
    },
    async succeeded(ip, email) {
      const network = hashOf('network', networkOf(ip))
      await documents.delete(triesKind, countedAs(network, email))
      await updateDocument(documents, triesKind, countedAs(network), (before) =>
        before && before.at.length > 0 ? { at: before.at.slice(0, -1) } : null,
      )
      await updateDocument(documents, networksKind, hashOf('account', email), (before) => ({
        known: [...(before?.known ?? []).filter((other) => other !== network), network].slice(-networksKept),
        at: clock.now(),
      }))
    },
  }
}
