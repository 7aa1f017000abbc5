import { jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'

/** Who is signed in to the sample app. */
export interface Account {
  readonly userId: string
  readonly name: string
  readonly email: string
}

const cookieName = 'boardly_session'
const claims = z.object({ sub: z.string(), name: z.string(), email: z.string() })

/** The sample product’s own sign-in: a signed cookie, so that it keeps nothing. */
export function createSessionCookie(secret: string) {
  const key = new TextEncoder().encode(`boardly:${secret}`)
  return {
    async write({ userId, name, email }: Account): Promise<string> {
      const token = await new SignJWT({ name, email })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(userId)
        .sign(key)
      return `${cookieName}=${token}; Path=/demo; HttpOnly; SameSite=Lax`
    },
    clear: () => `${cookieName}=; Path=/demo; HttpOnly; SameSite=Lax; Max-Age=0`,
    async read(cookieHeader: string | undefined): Promise<Account | null> {
      const token = new RegExp(`(?:^|;\\s*)${cookieName}=([^;]+)`).exec(cookieHeader ?? '')?.[1]
      if (!token) return null
      try {
        const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] })
        const { sub, name, email } = claims.parse(payload)
        return { userId: sub, name, email }
      } catch {
        return null
      }
    },
  }
}

/**
 * What a customer’s server does for its page: vouches for the signed-in user, in the HS256 identity JWT that the
 * snippet hands on. It is signed in real time, as any other product’s server would; the demo server judges it by
 * both clocks.
 */
export const signIdentity = (account: Account, identitySecret: string): Promise<string> =>
  new SignJWT({ email: account.email, name: account.name })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(account.userId)
    .setIssuedAt()
    .setExpirationTime('55m')
    .sign(new TextEncoder().encode(identitySecret))
