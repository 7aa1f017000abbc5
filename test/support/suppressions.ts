import { createHmac } from 'node:crypto'
import {
  createSuppressions,
  keyedAddressHash,
  type Suppressions,
} from '../../server/features/suppressions/suppression-list.ts'
import type { DocumentStore } from '../../server/storage/port.ts'

const hashOf = keyedAddressHash((text) =>
  createHmac('sha256', 'key of the tests').update(text).digest('hex').slice(0, 40),
)

/** The suppression list as the server has it, under a key of the tests. */
export const testSuppressions = (documents: DocumentStore, now: () => number): Suppressions =>
  createSuppressions(documents, now, hashOf)
