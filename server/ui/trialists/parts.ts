import type { RequestOf } from '../../../shared/api/endpoints.ts'
import type { Trialist } from '../../../shared/trialist.ts'

/** What a person may do to the trial on show; each resolves once the page shows what came of it. */
export interface TrialDoors {
  extend(
    body: NonNullable<RequestOf<'POST /api/trialists/{userId}/extensions'>['body']>,
    idempotencyKey: string,
  ): Promise<void>
  undo(extensionId: string): Promise<void>
  /** @param until null: go on. */
  pause(until: string | null): Promise<void>
  skip(ruleId: string): Promise<void>
  retry(key: string): Promise<void>
  /** Reads again what is there now. */
  read(): Promise<void>
}

/** What each part of the page about one trialist, or one company, is given. */
export interface TrialistParts {
  trialist: Trialist
  doors: TrialDoors
  /** By the server’s clock. */
  now: number
  /** Of a company: what its people are called. */
  nameOf?: (userId: string) => string
}
