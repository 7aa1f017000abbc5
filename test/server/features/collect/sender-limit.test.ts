import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Workspaces } from '../../../../server/domain/workspace.ts'
import { createSenderLimit } from '../../../../server/features/collect/sender-limit.ts'

const noWorkspaces = { byWriteKey: () => null, bySecretKey: () => null } as unknown as Workspaces
const requestOf = (...rawHeaders: string[]) =>
  ({ method: 'POST', rawHeaders, headers: {} }) as unknown as IncomingMessage
/** With a burst of as many tokens; the clock stands still. */
const limitWith = (tokens: number) =>
  createSenderLimit({ of: () => '192.0.2.1', perSecond: tokens / 10 }, noWorkspaces)

function passing(limit: ReturnType<typeof limitWith>, request: IncomingMessage): number {
  for (let n = 0; n < 10_000; n++) if (limit.take(request) > 0) return n
  return Number.POSITIVE_INFINITY
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

describe('what one address may send', () => {
  it('is less the longer its requests say they are, before anything of them is read', () => {
    expect(passing(limitWith(10), requestOf('Content-Length', '300'))).toBe(10)
    expect(passing(limitWith(1000), requestOf('content-length', '500000'))).toBeLessThanOrEqual(21)
    expect(passing(limitWith(1000), requestOf('Content-Length', '99999999999999'))).toBeLessThanOrEqual(21)
  })

  it('is not more where the length is not said, or is none', () => {
    expect(passing(limitWith(100), requestOf('Transfer-Encoding', 'chunked'))).toBeLessThan(20)
    expect(passing(limitWith(10), requestOf('Content-Length', 'x'))).toBe(10)
    expect(passing(limitWith(10), requestOf('Content-Length', '-500000'))).toBe(10)
  })

  it('counts a body once: what was said of its length is no part of what it costs afterwards', () => {
    const limit = limitWith(100)
    const long = requestOf('Content-Length', '500000')
    expect(limit.take(long)).toBe(0)
    limit.charge(long, { bytes: 500_000, events: 1, people: 1, joined: 0 })
    // 100 − 1 − 48 are left.
    const small = requestOf('Content-Length', '300')
    expect(passing(limit, small)).toBe(51)
  })

  it('is given back to the team’s own servers', () => {
    const limit = limitWith(20)
    const long = requestOf('Content-Length', '500000')
    for (let n = 0; n < 20; n++) {
      expect(limit.take(long)).toBe(0)
      limit.forgive(long)
    }
    expect(limit.take(long)).toBeGreaterThan(0)
  })
})
