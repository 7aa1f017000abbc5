import { createHash } from 'node:crypto'
import { type TrialId, trialIdOfAnonymous, trialIdOfUser, type WorkspaceId } from '../../shared/trial.ts'

/**
 * Under whose name an event is logged. Message ids are unique within a subject, and what has a proof and what has
 * none never share one: a stranger who guesses a message id makes no later, trusted event a duplicate.
 */
export interface Owner {
  readonly userId: string | null
  readonly anonymousId: string | null
  readonly subject: string
  readonly trialId: TrialId
}

/** What stands before the id: a proven user, one that is only named, a visitor, a visitor the team’s server names. */
const marks = { user: 'u:', named: 'n:', visitor: 'a:', backend: 'b:' } as const

export function ownerOf(
  workspaceId: WorkspaceId,
  userId: string | null,
  anonymousId: string | null,
  proof: { readonly ofUser: boolean; readonly fromTeam: boolean },
): Owner {
  if (userId !== null) {
    const subject = `${proof.ofUser ? marks.user : marks.named}${userId}`
    return { userId, anonymousId, subject, trialId: trialIdOfUser(workspaceId, userId) }
  }
  const id = anonymousId as string
  const subject = `${proof.fromTeam ? marks.backend : marks.visitor}${id}`
  return { userId, anonymousId, subject, trialId: trialIdOfAnonymous(workspaceId, id) }
}

/** @returns the anonymous id when the subject is a visitor. */
export const visitorOf = (subject: string): string | null =>
  subject.startsWith(marks.visitor) || subject.startsWith(marks.backend) ? subject.slice(2) : null

/**
 * Another visitor in the same browser: of someone who is named without proof there while the browser belongs to
 * someone else. Nothing of the name can be read in it.
 */
export const visitorBeside = (anonymousId: string, userId: string): string =>
  `${anonymousId}/${createHash('sha256').update(userId).digest('base64url').slice(0, 12)}`

export const subjectsOfUser = (userId: string): string[] => [marks.user + userId, marks.named + userId]
export const subjectsOfVisitor = (id: string): string[] => [marks.visitor + id, marks.backend + id]
