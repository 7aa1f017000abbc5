import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DocumentKind, documentDefinitions } from '../../../server/storage/document-registry.ts'
import { erasePerson, exportPerson } from '../../../server/storage/person-documents.ts'
import type { Storage } from '../../../server/storage/port.ts'
import { openSqliteStorage } from '../../../server/storage/sqlite/index.ts'
import { exportedLists } from '../../../shared/api/trialists.ts'
import type { TrialId, WorkspaceId } from '../../../shared/trial.ts'
import { sampleDocuments } from '../../support/sample-documents.ts'

let storage: Storage
beforeEach(async () => {
  storage = await openSqliteStorage({ file: ':memory:' })
})
afterEach(() => storage.close())

const kinds = documentDefinitions.map(([kind]) => kind)
const put = (kind: DocumentKind, id: string) => storage.documents.put(kind, id, sampleDocuments[kind], 0)
const idsOf = async (kind: DocumentKind) =>
  (await storage.documents.list(kind, { limit: 100 })).map(({ id }) => id)

const root = join(import.meta.dirname, '../../../server')
const source = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('storage/documents'))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n')

describe('the registry of documents', () => {
  it('knows every kind that is read or written anywhere', () => {
    const named = source.matchAll(
      /(?:\b(?:documents|storage\.documents)\s*\.(?:get|put|list|delete)(?:<[^>]*>)?\(\s*|\bconst \w*[kK]ind = )'([\w-]+)'/g,
    )
    const jobs = ['lint', 'replan', 'rebuildKpis', 'unhold', 'switch', 'unswitch']
    const used = new Set([...named].map((match) => match[1] ?? '').filter((name) => !jobs.includes(name)))
    expect(used.size).toBeGreaterThan(20)
    expect([...used].filter((name) => !kinds.includes(name as DocumentKind))).toEqual([])
  })

  it('knows none that nothing uses', () => {
    const idle = kinds.filter((kind) => !source.includes(`'${kind.replace(/-id$/, '')}'`))
    expect(idle).toEqual([])
  })

  it.each(documentDefinitions)('says what a body of kind %s is', (kind, { body }) => {
    expect(body.safeParse(sampleDocuments[kind]).error).toBeUndefined()
    expect(body.safeParse('text').success).toBe(false)
  })

  it('keeps nothing for good that is about a person but cannot be found by them', () => {
    const lasting = documentDefinitions.filter(
      ([, { owner, keep }]) => owner.of === 'trialist-soon' && keep === 'forever',
    )
    expect(lasting.map(([kind]) => kind)).toEqual([])
  })

  it('fills each list of an export from one kind', () => {
    const names = documentDefinitions.flatMap(([, { owner }]) =>
      owner.of === 'trialist' && owner.exportAs !== null ? [owner.exportAs] : [],
    )
    expect(names.toSorted()).toEqual(Object.keys(exportedLists).toSorted())
  })
})

const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
const addressHash = createHash('sha256').update('ann@example.com').digest('hex')
const payKey = hash('in_1').slice(0, 22)
const time = String(sampleDocuments.revenue.at).padStart(15, '0')
/** Where the product puts Ann’s documents. */
const placesOfAnn: Partial<Record<DocumentKind, readonly string[]>> = {
  note: ['main:u:ann/1', 'main:u:ann/2'],
  'reply-label': ['main:u:ann/1'],
  owner: ['main:u:ann'],
  erasure: ['main:u:ann'],
  mail: ['token-1', 'token-2'],
  signal: ['token-1/1', 'token-1/2', 'token-2/1'],
  suppression: [`main:${addressHash}`],
  'suppression-name': [`main:u:ann/${addressHash}`],
  measure: ['0', 'next', 'before'].map((generation) => `main/${generation}/${hash('main:u:ann')}`),
  payment: [`main:u:ann/${payKey}`],
  revenue: [`main/${time}/${payKey}`],
  'revenue-id': [`main/${payKey}`],
  'billing-link': ['main:u:ann'],
  'measure-mark': ['mark-1', 'mark-2'],
  'billing-ref': ['connection-1/sub_0', 'connection-1/sub_1'],
  'billing-drift': ['connection-1'],
  'billing-customer': ['connection-1/cus_1/sub_1'],
  'billing-outbox-due': [`${time}/main:u:ann/1`],
  'billing-outbox': ['main:u:ann/1'],
  'billing-outbox-trouble': ['main:u:ann/1'],
  'callback-due': [`${time}/main:u:ann/1`],
  'callback-delivery': ['main:u:ann/1'],
  'billing-read': ['connection-1/sub_1/webhook'],
  'billing-unmatched': ['connection-1/sub_8', 'connection-1/sub_9'],
  'blocked-email': [`main:u:ann/${payKey}`],
  'revenue-unmatched': [
    `main/${hash('u:ann').slice(0, 22)}/${payKey}`,
    `main/${hash('e:ann@example.com').slice(0, 22)}/${payKey}`,
  ],
  'billing-wanted': [
    `main/${hash('u:ann').slice(0, 22)}/connection-1/sub_8`,
    `main/${hash('e:ann@example.com').slice(0, 22)}/connection-1/sub_9`,
  ],
}
const ann = {
  workspaceId: 'main' as WorkspaceId,
  trialIds: ['main:u:ann', 'main:a:visitor'] as TrialId[],
  tokens: ['token-1', 'token-2'],
  userIds: ['ann'],
  emails: ['ann@example.com'],
}

describe('the documents of a person', () => {
  beforeEach(async () => {
    for (const [kind, ids] of Object.entries(placesOfAnn) as [DocumentKind, string[]][])
      for (const id of ids) await put(kind, id)
    await put('measure-state', 'main')
    await put('note', 'main:a:visitor/1')
    // Someone else, whose ids begin alike.
    await put('note', 'main:u:anna/1')
    await put('mail', 'token-10')
    await put('signal', 'token-10/1')
    await put('owner', 'main:u:anna')
  })

  it('are said for every kind that the registry calls a trialist’s', () => {
    const theirs = documentDefinitions.flatMap(([kind, { owner }]) => (owner.of === 'trialist' ? [kind] : []))
    expect(theirs.toSorted()).toEqual(Object.keys(placesOfAnn).toSorted())
  })

  it('stand in an export, each kind under its own name', async () => {
    const exported = await exportPerson(storage.documents, ann)
    const sizes = Object.fromEntries(Object.entries(exported).map(([name, list]) => [name, list.length]))
    expect(sizes).toEqual({
      notes: 3,
      replyLabels: 1,
      owner: 1,
      erasure: 1,
      mails: 2,
      signals: 3,
      suppressions: 1,
      measures: 3,
      payments: 1,
      subscriptions: 2,
      billingLink: 1,
      billingOutbox: 1,
      billingReads: 1,
      callbackDeliveries: 1,
      unmatchedSubscriptions: 2,
    })
    expect(exported.payments).toEqual([sampleDocuments.payment])
  })

  it('are gone after an erasure, of every kind, and no one else’s are', async () => {
    const deleted = await erasePerson(storage.documents, ann)
    expect(deleted).toMatchObject({ note: 3, mail: 2, signal: 3, measure: 3, 'billing-ref': 2 })
    expect(await idsOf('erasure')).toEqual(['main:u:ann'])
    await erasePerson(storage.documents, ann, 'mark')
    for (const kind of Object.keys(placesOfAnn) as DocumentKind[]) {
      const left = await idsOf(kind)
      const others = {
        note: ['main:u:anna/1'],
        mail: ['token-10'],
        signal: ['token-10/1'],
        owner: ['main:u:anna'],
      }
      const kept = ['suppression', 'revenue', 'revenue-id', 'billing-drift'].includes(kind)
        ? placesOfAnn[kind]
        : []
      expect([kind, left]).toEqual([kind, others[kind as keyof typeof others] ?? kept])
    }
  })

  it('that outlive them name them no more', async () => {
    await erasePerson(storage.documents, ann)
    expect((await storage.documents.get('suppression', `main:${addressHash}`))?.body).toEqual({
      reason: 'unsubscribed',
      at: sampleDocuments.suppression.at,
    })
    expect((await storage.documents.get('revenue', `main/${time}/${payKey}`))?.body).toEqual({
      ...sampleDocuments.revenue,
      userId: null,
    })
    expect((await storage.documents.get('revenue-id', `main/${payKey}`))?.body.userId).toBeNull()
    expect((await storage.documents.get('billing-drift', 'connection-1'))?.body.drifts).toEqual([])
  })

  it.each(Object.keys(placesOfAnn) as DocumentKind[])(
    'can all be erased again after a crash at kind %s',
    async (kind) => {
      const broken = {
        ...storage.documents,
        delete: (of: DocumentKind, id: string) =>
          of === kind ? Promise.reject(new Error('power cut')) : storage.documents.delete(of, id),
        put: ((of: DocumentKind, id: string, body: never, expected?: number) =>
          of === kind
            ? Promise.reject(new Error('power cut'))
            : storage.documents.put(of, id, body, expected)) as typeof storage.documents.put,
      }
      await expect(erasePerson(broken, ann).then(() => erasePerson(broken, ann, 'mark'))).rejects.toThrow(
        'power cut',
      )
      await erasePerson(storage.documents, ann)
      await erasePerson(storage.documents, ann, 'mark')
      const left = await Promise.all(kinds.map(idsOf))
      expect(JSON.stringify(left)).not.toMatch(/u:ann[/"]|token-[12][/"]/)
      expect((await storage.documents.get('revenue', `main/${time}/${payKey}`))?.body.userId).toBeNull()
    },
  )
})
