import * as z from 'zod'
import { roles } from '../roles.ts'

import type { ApiTable } from './endpoint.ts'

export const sessionSchema = z
  .object({
    account: z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.enum(roles) }),
    workspace: z.object({ id: z.string(), name: z.string() }),
    csrfToken: z.string().describe('Send it as `X-CSRF-Token` with every change.'),
  })
  .meta({ id: 'Session' })

const accountSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    role: z.enum(roles),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Account' })

export const newPassword = z.string().min(12, 'must have at least 12 characters').max(128)

const accountParams = z.strictObject({ id: z.string().min(1).max(64) })

const ownSession = z
  .object({
    id: z.string(),
    device: z.string().describe('Families of browser and system, e.g. `Firefox on Windows`.'),
    createdAt: z.iso.datetime(),
    seenAt: z.iso.datetime(),
    current: z.boolean().describe('The one that asks.'),
  })
  .meta({ id: 'OwnSession' })

export const accountsApi = {
  'GET /api/sessions': {
    answers: { 200: { description: 'Sessions', schema: z.object({ sessions: z.array(ownSession) }) } },
  },
  'DELETE /api/sessions': {
    answers: { 200: { description: 'How many ended', schema: z.object({ ended: z.int() }) } },
  },
  'DELETE /api/sessions/{id}': {
    params: accountParams,
    answers: { 204: { description: 'Ended' } },
  },
  'POST /api/session': {
    body: z.strictObject({ email: z.string().max(254), password: z.string().max(128) }),
    answers: { 200: { description: 'Signed in', schema: sessionSchema } },
  },
  'GET /api/session': {
    answers: {
      200: { description: 'The session, or null', schema: z.object({ session: sessionSchema.nullable() }) },
    },
  },
  'DELETE /api/session': {
    answers: { 204: { description: 'Signed out' } },
  },
  'GET /api/accounts': {
    answers: { 200: { description: 'Accounts', schema: z.object({ accounts: z.array(accountSchema) }) } },
  },
  'POST /api/accounts': {
    body: z.strictObject({
      email: z.email().max(254),
      name: z.string().trim().min(1).max(100),
      role: z.enum(roles),
      password: newPassword,
    }),
    answers: { 201: { description: 'The account', schema: accountSchema } },
  },
  'PUT /api/accounts/{id}': {
    params: accountParams,
    body: z.strictObject({ role: z.enum(roles) }),
    answers: { 200: { description: 'The account', schema: accountSchema } },
  },
  'DELETE /api/accounts/{id}': {
    params: accountParams,
    answers: { 204: { description: 'Removed' } },
  },
  'PUT /api/session/password': {
    body: z.strictObject({ current: z.string().max(128), next: newPassword }),
    answers: { 200: { description: 'A new session, with its cookie', schema: sessionSchema } },
  },
  'POST /api/session/reset-link': {
    body: z.strictObject({ email: z.string().max(254) }),
    answers: {
      202: { description: 'The same whether there is an account or not', schema: z.strictObject({}) },
    },
  },
  'POST /api/session/reset': {
    body: z.strictObject({ token: z.string().min(1).max(64), next: newPassword }),
    answers: { 204: { description: 'Changed; sign in with it' } },
  },
} satisfies ApiTable
