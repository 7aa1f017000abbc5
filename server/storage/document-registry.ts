import { billingDocuments } from './documents/billing.ts'
import { brandDocuments } from './documents/brand.ts'
import { companySwitchDocuments } from './documents/company-switch.ts'
import type { DocumentDefinition } from './documents/definition.ts'
import { emailDocuments } from './documents/email.ts'
import { importDocuments } from './documents/imports.ts'
import { lintDocuments } from './documents/lint.ts'
import { metricsDocuments } from './documents/metrics.ts'
import { serverDocuments } from './documents/server.ts'
import { teamDocuments } from './documents/team.ts'
import { trialistDocuments } from './documents/trialist.ts'

/**
 * Every kind of document there is: what its bodies are, whose they are, how long they are kept. What an erasure
 * removes, what an export shows and what retention deletes all follow from it; a kind that is not here cannot be read
 * or written.
 */
const documentRegistry = {
  ...serverDocuments,
  ...brandDocuments,
  ...teamDocuments,
  ...trialistDocuments,
  ...emailDocuments,
  ...metricsDocuments,
  ...billingDocuments,
  ...lintDocuments,
  ...importDocuments,
  ...companySwitchDocuments,
}

type Registry = typeof documentRegistry

/** What the body of each kind is. */
export type DocumentBodies = {
  readonly [Kind in keyof Registry]: Registry[Kind] extends DocumentDefinition<infer Body> ? Body : never
}

export type DocumentKind = keyof DocumentBodies

/** For what treats all kinds alike. */
export const documentDefinitions: readonly (readonly [kind: DocumentKind, DocumentDefinition<unknown>])[] =
  Object.entries(documentRegistry) as unknown as [DocumentKind, DocumentDefinition<unknown>][]
