import { Resolver } from 'node:dns/promises'
import { secondMs } from '../../shared/clock.ts'
import type { Dns, DnsAnswer } from '../ports.ts'

const absentCodes = new Set(['ENOTFOUND', 'ENODATA'])

async function answerOf(ask: () => Promise<readonly string[]>): Promise<DnsAnswer> {
  try {
    const values = await ask()
    return values.length > 0 ? { state: 'found', values } : { state: 'absent' }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    return absentCodes.has(code) ? { state: 'absent' } : { state: 'silent', why: code }
  }
}

/** Both families as one answer: silent only when that could hide an address. */
function both(four: DnsAnswer, six: DnsAnswer): DnsAnswer {
  const values = [four, six].flatMap((answer) => (answer.state === 'found' ? answer.values : []))
  if (values.length > 0) return { state: 'found', values }
  return four.state === 'silent' ? four : six
}

/**
 * The DNS as this machine sees it, or as the given servers do.
 * @param servers `address` or `address:port`, IPv6 in brackets when a port follows
 */
export function createDnsLookup(servers: readonly string[] | null = null): Dns {
  const resolver = new Resolver({ timeout: 2 * secondMs, tries: 2 })
  if (servers) resolver.setServers(servers)
  return {
    txt: (name) => answerOf(async () => (await resolver.resolveTxt(name)).map((strings) => strings.join(''))),
    mx: (name) =>
      answerOf(async () =>
        (await resolver.resolveMx(name))
          .sort((a, b) => a.priority - b.priority)
          .map(({ priority, exchange }) => `${priority} ${exchange || '.'}`),
      ),
    async addresses(name) {
      const [four, six] = await Promise.all([
        answerOf(() => resolver.resolve4(name)),
        answerOf(() => resolver.resolve6(name)),
      ])
      return both(four, six)
    },
    names: (address) => answerOf(() => resolver.reverse(address)),
  }
}
