import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { someTime } from '../../support/build-trial.ts'
import { type CallOptions, type ServedApi, serveApi, sessionOf } from '../../support/serve-api.ts'

interface Document {
  openapi: string
  paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>>
  components: { schemas: Record<string, unknown> }
}

let api: ServedApi
let document: Document
beforeAll(async () => {
  api = await serveApi(someTime)
  document = (await api.call<Document>('GET', '/openapi.json', { key: null })).body
})
afterAll(() => api.close())

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  const verdict = await validator.validate(structuredClone(document) as never)
  expect(verdict.errors ?? []).toEqual([])
  expect(verdict.valid).toBe(true)
  expect(validator.version).toBe('3.1')
})

test('every reference leads to a schema', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    (match) => match[1] as string,
  )
  expect(references.length).toBeGreaterThan(20)
  const missing = references.filter((reference) => {
    const name = /^#\/components\/schemas\/(.+)$/.exec(reference)?.[1]
    return name === undefined || !(name in document.components.schemas)
  })
  expect(missing).toEqual([])
})

test('every operation has its own id and names each parameter of its path', () => {
  const ids = new Set<string>()
  for (const [path, methods] of Object.entries(document.paths))
    for (const operation of Object.values(methods)) {
      expect(ids.has(operation.operationId), operation.operationId).toBe(false)
      ids.add(operation.operationId)
      const named = (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name)
      expect(named.toSorted()).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string).toSorted(),
      )
    }
})

test('every documented path is served, and answers its documented methods', async () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    const answer = await api.call('PATCH', path.replaceAll(/\{\w+\}/g, 'x'), { body: {} })
    expect([path, answer.status]).toEqual([path, 405])
    const allowed = answer.headers.get('allow')?.split(', ') ?? []
    expect(allowed.filter((method) => method !== 'HEAD').sort()).toEqual(
      Object.keys(methods)
        .map((method) => method.toUpperCase())
        .sort(),
    )
  }
})

test('a repeated POST, and another form of an answer, are documented', () => {
  const { paths } = document as unknown as {
    paths: Record<
      string,
      Record<string, { responses: Record<string, { content?: object; description: string }> }>
    >
  }
  for (const [path, methods] of Object.entries(document.paths)) {
    const takesKey = methods.post?.parameters?.some(({ name }) => name === 'Idempotency-Key') ?? false
    const conflict = paths[path]?.post?.responses['409']?.description ?? ''
    expect([path, /Idempotency-Key/.test(conflict)]).toEqual([path, takesKey])
  }
  expect(Object.keys(paths['/api/kpis']?.get?.responses['200']?.content ?? {})).toEqual([
    'application/json',
    'text/csv',
  ])
})

test('what does not exist is answered as it is documented', async () => {
  const undocumented: string[] = []
  for (const [path, methods] of Object.entries(document.paths)) {
    if (!path.startsWith('/api/') || !path.includes('{')) continue
    for (const [method, operation] of Object.entries(methods)) {
      const { responses } = operation as unknown as { responses: Record<string, unknown> }
      const hasBody = method !== 'get' && method !== 'delete'
      const { status } = await api.call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'none'), {
        ...(hasBody && { body: {} }),
      })
      if (!(status in responses)) undocumented.push(`${method} ${path}: ${status}`)
    }
  }
  expect(undocumented).toEqual([])
})

test('a missing body is refused by every operation that takes one, also where each member may be left out', async () => {
  const byKey: CallOptions = {}
  const bySession = await sessionOf(api, 'owner')
  const type = { 'Content-Type': 'application/json' }
  const missing: Record<string, (options: CallOptions) => CallOptions> = {
    'no bytes and no type': (options) => options,
    'no bytes, called JSON': (options) => ({ ...options, headers: { ...options.headers, ...type } }),
    blank: (options) => ({ ...options, body: ' ' }),
  }
  const taken: string[] = []
  let asked = 0
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const { requestBody } = operation as unknown as { requestBody?: { content: object } }
      if (!requestBody) continue
      const ask = (options: CallOptions) =>
        api.call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'none'), options)
      for (const [how, without] of Object.entries(missing)) {
        if (how === 'blank' && !('application/json' in requestBody.content)) continue
        let answer = await ask(without(byKey))
        if (answer.status === 403) answer = await ask(without(bySession))
        asked++
        if (answer.status !== 400 || !/problem\+json/.test(answer.headers.get('content-type') ?? ''))
          taken.push(`${method} ${path}, ${how}: ${answer.status}`)
      }
    }
  expect(taken).toEqual([])
  expect(asked).toBeGreaterThan(100)
})
