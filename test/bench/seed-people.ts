import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import Database from 'libsql'
import { noAgreement } from '../../server/domain/billing/agreement.ts'
import { allDaysRow } from '../../server/domain/metrics/measure-trial.ts'
import type { Trial } from '../../server/domain/trial/model.ts'
import { attachedTo } from '../../server/storage/attached-to.ts'
import { entryKey, hashOf, type RevenueEntry } from '../../server/storage/documents/metrics.ts'
import { type TrialFields, trialFields } from '../../server/storage/trial-fields.ts'
import { dayMs, hourMs } from '../../shared/clock.ts'
import { shippedKinds, trialIdOfUser, type WorkspaceId } from '../../shared/trial.ts'
import { address, api as byApi, compiled, event, live } from '../support/life.ts'

/** People of realistic size, written into a SQLite file that has its tables, past the server. */

export const firstDay = Date.UTC(2026, 2, 2, 9)
const perTransaction = 500
const givenNames = ['Ada', 'Bo', 'Chloé', 'Dmitri', 'Emeka', 'Fatima', 'Greta', 'Hiro', 'Inés', 'Jamal']
const familyNames = ['Okafor', 'Lindqvist', 'Nguyen', 'Silva', 'Haddad', 'Kowalski', 'Tanaka', 'Moreau']

export const userIdOf = (n: number): string => `person-${String(n).padStart(7, '0')}`
const companyOf = (n: number): string => `Northwind ${n % 9973}`
const nameOf = (n: number): string =>
  `${givenNames[n % givenNames.length]} ${familyNames[(n >> 3) % familyNames.length]} ${n % 1009}`
const emailOf = (n: number): string => `${userIdOf(n)}@northwind-${n % 9973}.example`

/** Lives that differ in what was done and what was sent; each person has one of them. */
function lives(): Trial[] {
  const playbook = compiled()
  return Array.from({ length: 24 }, (_, n) => {
    const life = live(playbook, firstDay + n * hourMs)
    life.do({
      type: 'describe',
      by: byApi,
      patch: { email: address('x@example.com'), name: 'X', timeZone: 'UTC', traits: { seats: n } },
    })
    for (let step = 0; step < 4 + n * 2; step++) {
      life.until(life.now + 7 * hourMs)
      const name = ['Board Created', 'Teammate Invited', 'Card Completed', 'Login'][step % 4] as string
      life.do({ type: 'track', events: [event(name, life.now)] })
    }
    if (n % 5 === 0) life.do({ type: 'convert', plan: 'pro', at: life.now, by: byApi })
    return { ...life.trial, nextAt: null }
  })
}

/** A life as text in which only names and numbers are to be put in, these too: cursors of lists are made from them. */
function template(trial: Trial, workspaceId: WorkspaceId) {
  const id = trialIdOfUser(workspaceId, '@user@')
  const person = { ...trial.person, email: '@email@', name: '@name@', company: '@company@' }
  const text = JSON.stringify({
    ...trial,
    id,
    workspaceId,
    userId: '@user@',
    version: 1,
    person,
    createdAt: '@createdAt@',
    clock: { ...trial.clock, endsAt: '@endsAt@' },
    standing: { ...trial.standing, score: '@score@' },
    usage: { ...trial.usage, lastSeenAt: '@lastSeenAt@' },
  })
  const fields = trialFields({ ...trial, person: { ...trial.person, company: 'Northwind' } })
  return { text: text.replaceAll(trial.id, id), fields }
}

const columns = {
  segment: 'segment',
  pace: 'pace',
  status: 'status',
  email: 'email',
  domain: 'domain',
  company: 'company',
  endsAt: 'ends_at',
  score: 'score',
  createdAt: 'created_at',
  nextAt: 'next_at',
  search: 'search',
  lastSeenHour: 'last_seen_hour',
  lastSeenAt: 'last_seen_at',
} as const satisfies Record<Exclude<keyof TrialFields, 'emails'>, string>

const insertOf = (kind: string) =>
  `INSERT INTO documents (kind, id, version, body) VALUES ('${kind}', ?, 1, ?)`

/** In small transactions, so that whatever else uses the file gets its turn. */
async function inTransactions(db: Database.Database, count: number, write: (n: number) => void) {
  for (let from = 0; from < count; from += perTransaction) {
    db.exec('BEGIN IMMEDIATE')
    for (let n = from; n < Math.min(count, from + perTransaction); n++) write(n)
    db.exec('COMMIT')
    await turn()
  }
}

export async function seedPeople(file: string, workspaceId: WorkspaceId, people: number): Promise<void> {
  const templates = lives().map((trial) => template(trial, workspaceId))
  const db = new Database(file)
  db.exec('PRAGMA synchronous = OFF; PRAGMA busy_timeout = 5000')
  const names = Object.values(columns)
  const insert = db.prepare(`INSERT INTO trials (id, workspace_id, version, body, ${names.join(', ')})
    VALUES (?, ?, 1, ?, ${names.map(() => '?').join(', ')})`)
  await inTransactions(db, people, (n) => {
    const { text, fields } = templates[n % templates.length] as (typeof templates)[number]
    const own = { user: userIdOf(n), email: emailOf(n), name: nameOf(n), company: companyOf(n) }
    // Over a year, and no two at the same moment.
    const ago = ((n * 7919) % 8760) * hourMs + (n % 3600) * 1000
    const lastSeenAt = fields.lastSeenAt - ago
    const values: TrialFields = {
      ...fields,
      email: own.email,
      domain: own.email.slice(own.email.indexOf('@') + 1),
      company: own.company.toLowerCase(),
      search: [own.email, own.name, own.company, own.user].join('\n').toLowerCase(),
      createdAt: fields.createdAt - ago,
      endsAt: fields.endsAt - ago,
      score: fields.score + (n % 997) / 100,
      lastSeenAt,
      lastSeenHour: Math.floor(lastSeenAt / hourMs),
    }
    const body = text
      .replaceAll(/"@(createdAt|endsAt|score|lastSeenAt)@"/g, (_, part: keyof TrialFields) =>
        String(values[part]),
      )
      .replaceAll(/@(user|email|name|company)@/g, (_, part: keyof typeof own) => own[part])
    const bound = (Object.keys(columns) as (keyof TrialFields)[]).map((name) => values[name])
    insert.run([trialIdOfUser(workspaceId, own.user), workspaceId, body, ...bound])
  })
  db.close()
}

/** What a workspace of so many people has beside them: opt-outs, payments, links to subscriptions, two years of metrics. */
export async function seedDocuments(file: string, workspaceId: WorkspaceId, people: number): Promise<void> {
  const db = new Database(file)
  db.exec('PRAGMA synchronous = OFF; PRAGMA busy_timeout = 5000')
  const insert = (kind: string) => {
    const statement = db.prepare(insertOf(kind))
    return (id: string, body: unknown) => void statement.run([id, JSON.stringify(body)])
  }
  const [suppression, payment, revenue] = [insert('suppression'), insert('payment'), insert('revenue')]
  const link = insert('billing-link')
  await inTransactions(db, people, (n) => {
    const trialId = trialIdOfUser(workspaceId, userIdOf(n))
    if (n % 10 === 0)
      suppression(`${workspaceId}:${createHash('sha1').update(String(n)).digest('hex')}`, {
        reason: 'unsubscribed',
        at: firstDay + n,
      })
    if (n % 5 === 0) {
      const entry: RevenueEntry = {
        externalId: `in_${n}`,
        at: firstDay - ((n * 7919) % 8760) * hourMs,
        amountMinor: 4900,
        currency: 'USD',
        baseMinor: 4900,
        type: 'new',
        userId: userIdOf(n),
      }
      payment(`${attachedTo(trialId)}${hashOf(entry.externalId)}`, entry)
      revenue(entryKey(workspaceId, entry), entry)
    }
    if (n % 4 === 0)
      link(trialId, {
        trialId,
        connectionId: `${workspaceId}:bench`,
        ref: `sub_${n}`,
        startedAt: firstDay,
        agreement: noAgreement,
        pushes: 0,
        readAt: firstDay + 40 * dayMs,
        status: 'active',
        leasedUntil: 0,
      })
  })
  seedMetrics(db, workspaceId, people)
  db.close()
}

const daysCounted = 730
const locales = ['en', 'de', 'es', 'fr', 'ko', 'vi', 'ar']

/** Roll-ups as a product with nine rules, seven languages and one subject line test has them. */
function seedMetrics(db: Database.Database, workspaceId: WorkspaceId, people: number): void {
  const mails = db.prepare(insertOf('rollup'))
  const days = db.prepare(insertOf('rollup-people'))
  const perDay = Math.ceil(people / daysCounted)
  const share = Math.max(1, Math.round(perDay / locales.length))
  const counters = {
    targeted: share,
    handed: share,
    accepted: share,
    delivered: share,
    opensTracked: share,
    clicksTracked: share,
    openedHuman: Math.ceil(share / 3),
    openedMachine: Math.ceil(share / 5),
    opensHuman: Math.ceil(share / 2),
    opensRaw: share,
    clickedHuman: Math.ceil(share / 20),
    'client:gmail': Math.ceil(share / 4),
    'client:apple': Math.ceil(share / 5),
    ...Object.fromEntries(Array.from({ length: 14 }, (_, n) => [`sentAt:${1 + (n % 7)}-${8 + (n >> 1)}`, 1])),
    ...Object.fromEntries(
      Array.from({ length: 14 }, (_, n) => [`reacted:${1 + (n % 7)}-${8 + (n >> 1)}`, 1]),
    ),
  }
  const place = `${workspaceId}/0`
  const put = (to: typeof mails, row: string, sums: object) =>
    void to.run([`${place}/${row}`, JSON.stringify({ counters: sums, applied: [] })])
  db.exec('BEGIN IMMEDIATE')
  for (let back = 0; back < daysCounted; back++) {
    const day = new Date(firstDay + 40 * dayMs - back * dayMs).toISOString().slice(0, 10)
    for (const [index, kind] of shippedKinds.entries())
      for (const locale of locales)
        for (const variant of index === 0 ? ['0', '1'] : ['-'])
          put(mails, `${day}/${kind}/${kind}/${variant}/${locale}`, counters)
    put(days, `${day}/*/*/*/*`, {
      started: perDay,
      subscribed: perDay,
      converted: Math.ceil(perDay / 20),
      treated: perDay,
      treatedConverted: Math.ceil(perDay / 20),
      'lost:unsubscribed': Math.ceil(perDay / 50),
    })
  }
  put(days, allDaysRow, { subscribers: people })
  db.prepare(insertOf('measure-state')).run([
    workspaceId,
    JSON.stringify({ current: '0', building: null, old: [], hasTotal: true }),
  ])
  db.exec('COMMIT')
}
