import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import type { Workspace } from '../../../../server/domain/workspace.ts'
import { createIdentityTokens } from '../../../../server/features/collect/identity-token.ts'
import { dayMs } from '../../../../shared/clock.ts'
import type { WorkspaceId } from '../../../../shared/trial.ts'

const workspace: Workspace = {
  id: 'main' as WorkspaceId,
  name: 'Main',
  writeKey: 'pk_1',
  identitySecret: 'secret-of-the-team-with-32-bytes!',
  linkSecret: 'l',
  identity: 'trusting',
  sending: { releasedAt: 0, mode: 'normal', testAddress: null },
}
const now = Date.UTC(2026, 0, 24, 12)
const seconds = now / 1000

function sign(claims: Record<string, unknown>, { secret = workspace.identitySecret, alg = 'HS256' } = {}) {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret))
}
const tokens = (at = now) => createIdentityTokens([() => at])
const usual = { sub: 'user-1', iat: seconds - 60, exp: seconds + 1800 }

describe('a signed identity', () => {
  it('names its user and carries the other claims', async () => {
    const identity = await tokens().verify(await sign({ ...usual, email: 'a@b.co' }), workspace)
    expect(identity).toEqual({
      userId: 'user-1',
      claims: { email: 'a@b.co' },
      issuedAt: now - 60_000,
    })
  })
  it('needs no iat', async () => {
    const { iat: _, ...rest } = usual
    expect(await tokens().verify(await sign(rest), workspace)).toMatchObject({ userId: 'user-1' })
  })
  it.each([
    ['has expired', { ...usual, exp: seconds - 120 }],
    ['was made to live longer than an hour', { ...usual, exp: seconds + 3700 }],
    ['has more than an hour left and no iat', { sub: 'user-1', exp: seconds + 7200 }],
    ['never expires', { sub: 'user-1', iat: seconds }],
    ['names nobody', { iat: seconds, exp: seconds + 60 }],
    ['names no one with an empty text', { ...usual, sub: '' }],
    ['is of the future', { ...usual, iat: seconds + 600, exp: seconds + 1200 }],
    ['is not valid yet', { ...usual, nbf: seconds + 600 }],
  ])('is refused when it %s', async (_, claims) => {
    expect(await tokens().verify(await sign(claims), workspace)).toBeNull()
  })
  it('is refused with another secret, another algorithm, no signature, or as mere noise', async () => {
    const verify = (token: string) => tokens().verify(token, workspace)
    expect(await verify(await sign(usual, { secret: 'another-secret-of-the-same-length' }))).toBeNull()
    expect(
      await verify(await sign(usual, { secret: workspace.identitySecret.repeat(2), alg: 'HS512' })),
    ).toBeNull()
    expect(await verify(new UnsecuredJWT(usual).encode())).toBeNull()
    for (const noise of ['', 'x', 'a.b.c', '..', 'x'.repeat(10_000)]) expect(await verify(noise)).toBeNull()
  })
  it('ends while it lies in the cache, and when the secret is rotated', async () => {
    let at = now
    const cached = createIdentityTokens([() => at])
    const token = await sign(usual)
    expect(await cached.verify(token, workspace)).not.toBeNull()
    expect(
      await cached.verify(token, { ...workspace, identitySecret: 'rotated-secret-of-the-same-length' }),
    ).toBeNull()
    at = now + 3_600_000
    expect(await cached.verify(token, workspace)).toBeNull()
  })
  it('may be valid by the real clock where ours is moved', async () => {
    const moved = createIdentityTokens([() => now + 20 * dayMs, () => now])
    expect(await moved.verify(await sign(usual), workspace)).not.toBeNull()
  })
})
