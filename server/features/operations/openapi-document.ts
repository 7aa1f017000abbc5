import * as z from 'zod'
import { type ProblemType, problems } from '../../../shared/problems.ts'
import type { Route } from '../../http/app-route.ts'

type Json = Record<string, unknown>

const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. `type` is stable; `errors` points at each error.' })

/**
 * Schemas with an id stand once under components, in the form in which they are written or read. Requests and
 * answers may share an id only when both forms are equal, so answers get a suffix when they differ.
 */
function createSchemaBook() {
  const components: Record<string, Json> = {}

  function use(schema: z.ZodType, io: 'input' | 'output'): Json {
    const {
      $schema: _,
      $defs,
      ...own
    } = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      target: 'draft-2020-12',
    }) as Json & { $defs?: Record<string, Json> }
    const renamed = new Map<string, string>()
    for (const [id, definition] of Object.entries($defs ?? {})) renamed.set(id, nameFor(id, definition, io))
    const id = schema.meta()?.id
    for (const [name, definition] of Object.entries($defs ?? {}))
      components[renamed.get(name) as string] = withRefs(definition, renamed) as Json
    const root = withRefs(own, renamed) as Json
    if (!id) return root
    const name = nameFor(id, own, io)
    delete root.id
    components[name] = root
    return { $ref: `#/components/schemas/${name}` }
  }

  const originals = new Map<string, string>()
  function nameFor(id: string, definition: Json, io: 'input' | 'output'): string {
    const safe = id.replaceAll(/[^A-Za-z0-9._-]/g, '_')
    const text = JSON.stringify(definition)
    const known = originals.get(safe)
    if (known === undefined || known === text) {
      originals.set(safe, text)
      return safe
    }
    const name = `${safe}.${io}`
    originals.set(name, text)
    return name
  }

  return { components, use }
}

/** References inside one conversion point into its own `$defs`; the document keeps them under components. */
function withRefs(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => withRefs(item, renamed))
  if (typeof value !== 'object' || value === null) return value
  const { id: _, ...members } = value as Json
  const kept =
    typeof _ === 'string' && '$ref' in members === false && 'type' in members ? members : (value as Json)
  return Object.fromEntries(
    Object.entries(kept).map(([key, member]) => {
      if (key !== '$ref' || typeof member !== 'string') return [key, withRefs(member, renamed)]
      const name = member.replace('#/$defs/', '')
      return [key, `#/components/schemas/${renamed.get(name) ?? name}`]
    }),
  )
}

const takesIdempotencyKey = ({ method, role }: Route): boolean => method === 'post' && role !== 'none'

const always: readonly ProblemType[] = ['invalid-request', 'rate-limited', 'unavailable']

function problemAnswers(route: Route): Json {
  const types = [
    ...always,
    ...(route.role === 'none' ? [] : (['unauthorized', 'forbidden'] as const)),
    ...(takesIdempotencyKey(route) ? (['idempotency-conflict'] as const) : []),
    ...(route.body
      ? ([
          ...(route.rawTypes ? [] : (['invalid-json'] as const)),
          'too-large',
          'unsupported-encoding',
        ] as const)
      : []),
    ...(route.problems ?? []),
  ]
  const byStatus = new Map<number, string[]>()
  for (const type of new Set(types)) {
    const { status, title } = problems[type]
    byStatus.set(status, [...(byStatus.get(status) ?? []), title])
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  return Object.fromEntries(
    [...byStatus].map(([status, titles]) => [String(status), { description: titles.join('; '), content }]),
  )
}

type SchemaBook = ReturnType<typeof createSchemaBook>

function parameters(route: Route, book: SchemaBook): Json[] {
  const of = (schema: z.ZodType | undefined, where: 'path' | 'query'): Json[] => {
    if (!schema) return []
    const { properties = {}, required = [] } = book.use(schema, 'input') as {
      properties?: Record<string, Json>
      required?: string[]
    }
    return Object.entries(properties).map(([name, { description, ...rest }]) => ({
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      ...(description !== undefined && { description }),
      schema: rest,
    }))
  }
  const idempotencyKey = {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: 'The same key with the same request gives the first answer again, for a day.',
    schema: { type: 'string', maxLength: 200 },
  }
  return [
    ...of(route.params, 'path'),
    ...of(route.query, 'query'),
    ...(takesIdempotencyKey(route) ? [idempotencyKey] : []),
  ]
}

const bodyContent = ({ rawTypes }: Route, body: z.ZodType, book: SchemaBook): Json =>
  rawTypes
    ? Object.fromEntries(rawTypes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]))
    : { 'application/json': { schema: book.use(body, 'input') } }

function operation(route: Route, book: SchemaBook): Json {
  const given = parameters(route, book)
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    security: route.role === 'none' ? [] : [{ secretKey: [] }, { session: [] }],
    ...(given.length > 0 && { parameters: given }),
    ...(route.body && { requestBody: { required: true, content: bodyContent(route, route.body, book) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, { description, schema, mediaType, otherMediaTypes }]) => [
          status,
          {
            description,
            ...((schema || mediaType) && {
              content: {
                [mediaType ?? 'application/json']: {
                  schema: schema ? book.use(schema, 'output') : { type: 'string' },
                },
                ...Object.fromEntries(
                  (otherMediaTypes ?? []).map((type) => [type, { schema: { type: 'string' } }]),
                ),
              },
            }),
          },
        ]),
      ),
      ...problemAnswers(route),
    },
  }
}

/** OpenAPI 3.1 from the same table that registers the routes, so the two cannot differ. */
export function openApiDocument(
  routes: readonly Route[],
  { version, publicUrl }: { version: string; publicUrl: string },
): Json {
  const book = createSchemaBook()
  book.use(problemSchema, 'output')
  const paths: Record<string, Json> = {}
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route, book) }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Trialpace API',
      version,
      description: 'Trialists, their trials and the playbook. Errors are RFC 9457 problem documents.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: publicUrl }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: book.components,
      securitySchemes: {
        secretKey: { type: 'http', scheme: 'bearer', description: 'A secret key `sk_…`.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-sid',
          description: 'Dashboard session, with X-CSRF-Token.',
        },
      },
    },
  }
}
