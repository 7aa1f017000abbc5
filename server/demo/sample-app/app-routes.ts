import { createHash } from 'node:crypto'
import { json, type Request, Router } from 'express'
import * as z from 'zod'
import { parseEmailAddress } from '../../../shared/trial.ts'
import { parseRequest } from '../../http/parse-request.ts'
import { ProblemError } from '../../http/problem.ts'
import { type Account, createSessionCookie, signIdentity } from './session-cookie.ts'
import type { TrialpaceApi } from './trialpace-api.ts'

const bodyOfSignUp = z.object({
  name: z.string().trim().min(1, 'Please give a name.').max(100),
  email: z
    .string()
    .refine(
      (text) => parseEmailAddress(text) !== null,
      'Please give an email address such as ada@engine.example.',
    ),
  company: z.string().trim().max(100).default(''),
  employees: z.number().int().min(1).max(100_000).default(12),
  locale: z.string().min(2).max(35).default('en'),
  timeZone: z.string().min(1).max(64).default('UTC'),
})

/** The same address is the same user, also after a restart. */
const userIdOf = (email: string): string =>
  `u_${createHash('sha256').update(email).digest('hex').slice(0, 12)}`

/** The sample product’s server: what any product that uses Trialpace has to write, and nothing more. */
export function createAppRoutes({
  api,
  identitySecret,
}: {
  api: TrialpaceApi
  identitySecret: string
}): Router {
  const cookie = createSessionCookie(identitySecret)
  const signedIn = async (request: Request): Promise<Account> => {
    const account = await cookie.read(request.headers.cookie)
    if (!account) throw new ProblemError('unauthorized', { detail: 'Please sign up first.' })
    return account
  }

  const router = Router()
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })
  router.post('/sign-up', json(), async (request, response) => {
    const { name, email, company, employees, locale, timeZone } = parseRequest(
      bodyOfSignUp,
      request.body,
      'body',
    )
    const address = parseEmailAddress(email) as string
    const account = { userId: userIdOf(address), name, email: address }
    await api.upsert(account.userId, {
      email: address,
      name,
      locale,
      timeZone,
      ...(company && { company }),
      traits: { employees },
    })
    response.set('Set-Cookie', await cookie.write(account)).json({ account })
  })
  router.get('/session', async (request, response) => {
    response.json({ account: await cookie.read(request.headers.cookie) })
  })
  router.get('/identity', async (request, response) => {
    response.type('text').send(await signIdentity(await signedIn(request), identitySecret))
  })
  router.post('/sign-out', (_request, response) => {
    response.set('Set-Cookie', cookie.clear()).json({})
  })
  router.get('/trialist', async (request, response) => {
    response.json(await api.read((await signedIn(request)).userId))
  })
  router.post('/upgrade', async (request, response) => {
    response.json(await api.convert((await signedIn(request)).userId, 'team'))
  })
  return router
}
