import type * as z from 'zod'
import type { accountsApi } from './accounts.ts'
import type { auditApi } from './audit.ts'
import type { billingApi } from './billing.ts'
import type { brandApi } from './brand.ts'
import type { companiesApi } from './companies.ts'
import type { companionApi } from './companion.ts'
import type { companySwitchApi } from './company-switch.ts'
import type { connectApi } from './connect.ts'
import type { contentApi } from './content.ts'
import type { deliverabilityApi } from './deliverability.ts'
import type { ApiTable } from './endpoint.ts'
import type { importsApi } from './imports.ts'
import type { jobsApi } from './jobs.ts'
import type { lintApi } from './lint.ts'
import type { messagesApi } from './messages.ts'
import type { metricsApi } from './metrics.ts'
import type { moneyApi } from './money.ts'
import type { playbookApi } from './playbook.ts'
import type { releaseApi } from './release.ts'
import type { setupApi } from './setup.ts'
import type { suppressionsApi } from './suppressions.ts'
import type { trialistsApi } from './trialists.ts'
import type { workspaceApi } from './workspace.ts'

/** Every endpoint that one of our own clients calls. Types only: see `client.ts`. */
type Endpoints = typeof accountsApi &
  typeof auditApi &
  typeof billingApi &
  typeof brandApi &
  typeof companiesApi &
  typeof companySwitchApi &
  typeof companionApi &
  typeof connectApi &
  typeof contentApi &
  typeof deliverabilityApi &
  typeof importsApi &
  typeof jobsApi &
  typeof lintApi &
  typeof messagesApi &
  typeof metricsApi &
  typeof moneyApi &
  typeof playbookApi &
  typeof releaseApi &
  typeof setupApi &
  typeof suppressionsApi &
  typeof trialistsApi &
  typeof workspaceApi

/** Method and path as in OpenAPI, e.g. `GET /api/trialists/{userId}`. */
export type EndpointName = keyof Endpoints

type BodyOf<Answers extends ApiTable[keyof ApiTable]['answers']> = {
  [Status in keyof Answers]: Answers[Status] extends { readonly schema: infer Schema extends z.ZodType }
    ? z.output<Schema>
    : null
}[keyof Answers]

/** What the server answers when all went well; null where there is no body. */
export type AnswerOf<Name extends EndpointName> = BodyOf<Endpoints[Name]['answers']>

type Written<E, Part extends 'params' | 'query' | 'body'> = E extends {
  readonly [P in Part]: infer Schema extends z.ZodType
}
  ? z.input<Schema>
  : undefined

type Parts<Name extends EndpointName> = {
  readonly [Part in 'params' | 'query' | 'body' as Written<Endpoints[Name], Part> extends undefined
    ? never
    : Part]: Written<Endpoints[Name], Part>
}

/** A part that could be left empty may be left out. */
type OptionalIfEmpty<P> = { readonly [Key in keyof P as object extends P[Key] ? Key : never]?: P[Key] } & {
  readonly [Key in keyof P as object extends P[Key] ? never : Key]: P[Key]
}

/** What is to be sent to the endpoint. */
export type RequestOf<Name extends EndpointName> = OptionalIfEmpty<Parts<Name>>
