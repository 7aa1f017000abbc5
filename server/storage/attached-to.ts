import type { TrialId } from '../../shared/trial.ts'

/** Begins the ids of documents about a trial. User ids may hold slashes: those of `a/b` must not look like `a`’s. */
export const attachedTo = (id: TrialId): string => `${id.replaceAll('%', '%25').replaceAll('/', '%2F')}/`
