import * as z from 'zod'
import type { EmailAddress, MessageKey, MessageKind, TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { messageKinds } from '../../../shared/trial.ts'
import type { Counters } from '../../domain/metrics/counters.ts'

/** What bodies of several kinds are made of. */

export const trialId = z.string() as unknown as z.ZodType<TrialId>
export const workspaceId = z.string() as unknown as z.ZodType<WorkspaceId>
export const address = z.string() as unknown as z.ZodType<EmailAddress>
export const messageKey = z.string() as unknown as z.ZodType<MessageKey>
export const messageKind: z.ZodType<MessageKind> = z.enum(messageKinds)
/** Epoch milliseconds. */
export const instant = z.int()
export const texts = z.array(z.string()).readonly()
export const counters = z.record(z.string(), z.number()) as z.ZodType<Counters>
