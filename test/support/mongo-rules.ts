import mongoose from 'mongoose'
import { createModels } from '../../server/storage/mongo/models.ts'

/** Long, because each rule stands with its source. */

/** A command as the driver sends it. */
export type SentCommand = Readonly<Record<string, unknown>>
type Bag = Readonly<Record<string, unknown>>

/**
 * What real servers refuse or do differently, though the stand-in of our tests takes it. Every command that a test
 * sends is checked against all of it, see storages.ts.
 */
export interface MongoRule {
  readonly name: string
  /** Where MongoDB's documentation says so. */
  readonly source: string
  /** @returns what is wrong with the command, or null. */
  readonly breach: (command: SentCommand) => string | null
}

/**
 * Known leniencies of mongo-java-server 1.47 (the stand-in): it takes what is in the left column and answers as if
 * all were well. Each is covered by a rule below, or cannot be seen in a command and is said here only.
 */
export const standInLeniencies: readonly { readonly takes: string; readonly rule: string | null }[] = [
  { takes: '$expr in the filter of an upsert', rule: 'no expression in the filter of an upsert' },
  { takes: 'partialFilterExpression, and ignores it', rule: 'no partial, unique or expiring index' },
  {
    takes: 'any write concern, and confirms at once',
    rule: 'every write waits for the majority and the journal',
  },
  { takes: 'a sort of any size, without an index', rule: 'every sort is in the order of an index' },
  { takes: '$in of any length', rule: 'no long $in' },
  {
    takes: 'an upsert without _id, which a sharded cluster cannot place',
    rule: 'a write of one document names its _id',
  },
  { takes: 'documents over 16 MB', rule: null },
  { takes: 'writes after the death of the process are gone, as it keeps all in memory', rule: null },
]

const isBag = (value: unknown): value is Bag =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
/** The driver keeps the order of a sort in a map. */
const bag = (value: unknown): Bag =>
  value instanceof Map ? (Object.fromEntries(value) as Bag) : isBag(value) ? value : {}
const bags = (value: unknown): readonly Bag[] => (Array.isArray(value) ? value.filter(isBag) : [])

/** One change of a write command, whichever command it came in. */
interface Change {
  readonly filter: Bag
  readonly update: unknown
  readonly upsert: boolean
  readonly many: boolean
}

function changesOf(command: SentCommand): readonly Change[] {
  if ('update' in command)
    return bags(command.updates).map(({ q, u, upsert, multi }) => ({
      filter: bag(q),
      update: u,
      upsert: upsert === true,
      many: multi === true,
    }))
  if ('findAndModify' in command)
    return [
      { filter: bag(command.query), update: command.update, upsert: command.upsert === true, many: false },
    ]
  if ('delete' in command)
    return bags(command.deletes).map(({ q, limit }) => ({
      filter: bag(q),
      update: undefined,
      upsert: false,
      many: limit === 0,
    }))
  return []
}

const stagesOf = (command: SentCommand): readonly Bag[] => bags(command.pipeline)

const filtersOf = (command: SentCommand): readonly Bag[] => [
  ...changesOf(command).map(({ filter }) => filter),
  ...[command.filter, 'count' in command || 'distinct' in command ? command.query : undefined].filter(isBag),
  ...stagesOf(command).flatMap((stage) => (isBag(stage.$match) ? [stage.$match] : [])),
]

/** Every key and value anywhere inside. */
function* entriesWithin(value: unknown): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) for (const each of value) yield* entriesWithin(each)
  else if (isBag(value))
    for (const [key, inner] of Object.entries(value)) {
      yield [key, inner]
      yield* entriesWithin(inner)
    }
}

const uses = (value: unknown, operator: string): boolean =>
  [...entriesWithin(value)].some(([key]) => key === operator)

const writes = ['insert', 'update', 'delete', 'findAndModify', 'createIndexes']
const reads = ['find', 'aggregate', 'count', 'distinct']
const isOneOf = (command: SentCommand, names: readonly string[]) => names.some((name) => name in command)

const models = createModels(new mongoose.Mongoose().createConnection())
/** Keys of every index by collection, as models.ts has them. */
const indexes: Readonly<Record<string, readonly Bag[]>> = Object.fromEntries(
  Object.values(models).map(({ schema }) => [
    schema.get('collection') as string,
    [{ _id: 1 }, ...schema.indexes().map((index: readonly unknown[]) => index[0] as Bag)],
  ]),
)

const isExact = (value: unknown): boolean =>
  !isBag(value) || !Object.keys(value).some((key) => key.startsWith('$')) || '$eq' in value

/** Whether walking the index from either end, behind fields that the filter fixes, meets documents in that order. */
function givesOrder(index: Bag, filter: Bag, sort: Bag): boolean {
  const wanted = Object.entries(sort)
  const keys = Object.entries(index)
  while (keys.length > 0 && keys[0]![0] !== wanted[0]?.[0] && isExact(filter[keys[0]![0]] ?? { $none: 1 }))
    keys.shift()
  const turned = keys[0]?.[1] === wanted[0]?.[1] ? 1 : -1
  return wanted.every(
    ([field, way], at) => keys[at]?.[0] === field && Number(keys[at]?.[1]) * turned === Number(way),
  )
}

function sortsOf(command: SentCommand): readonly { filter: Bag; sort: Bag }[] {
  if ('find' in command)
    return isBag(command.sort) ? [{ filter: bag(command.filter), sort: bag(command.sort) }] : []
  if ('findAndModify' in command)
    return isBag(command.sort) ? [{ filter: bag(command.query), sort: bag(command.sort) }] : []
  const stages = stagesOf(command)
  return stages.flatMap(({ $sort }) =>
    isBag($sort) ? [{ filter: bag(stages[0]?.$match), sort: $sort }] : [],
  )
}

const collectionOf = (command: SentCommand): string =>
  String(Object.entries(command).find(([name]) => [...writes, ...reads].includes(name))?.[1] ?? '')

/** Longest list of values in one filter; a group of events stays below it. */
const longestIn = 1000

const manual = 'https://www.mongodb.com/docs/manual'

export const mongoRules: readonly MongoRule[] = [
  {
    name: 'no expression in the filter of an upsert',
    source: 'https://jira.mongodb.org/browse/DOCS-14158 (error 224, QueryFeatureNotAllowed)',
    breach: (command) =>
      changesOf(command).some(
        ({ filter, upsert }) => upsert && (uses(filter, '$expr') || uses(filter, '$where')),
      )
        ? 'an upsert is filtered by $expr or $where'
        : null,
  },
  {
    name: 'no JavaScript',
    source: `${manual}/reference/operator/query/where/ (no index, off with --noscripting; compatible servers have none)`,
    breach: (command) =>
      ['$where', '$function', '$accumulator'].find((operator) => uses(command, operator)) ?? null,
  },
  {
    name: 'no pipeline update',
    source: `${manual}/tutorial/update-documents-with-aggregation-pipeline/ (MongoDB 4.2 on; not every compatible server)`,
    breach: (command) =>
      changesOf(command).some(({ update }) => Array.isArray(update)) ? 'an update is a pipeline' : null,
  },
  {
    name: 'no two operators on one path',
    source: `${manual}/reference/operator/update/#conflicting-operators (error 40, ConflictingUpdateOperators)`,
    breach: (command) =>
      changesOf(command)
        .map(conflictingPath)
        .find((path) => path !== null) ?? null,
  },
  {
    name: 'no operator without a field',
    source: `${manual}/reference/operator/update/#behavior (an error before MongoDB 5.0)`,
    breach: (command) =>
      changesOf(command).some(({ update }) =>
        Object.entries(bag(update)).some(
          ([operator, fields]) => operator.startsWith('$') && Object.keys(bag(fields)).length === 0,
        ),
      )
        ? 'an update operator names no field'
        : null,
  },
  {
    name: 'no change of _id',
    source: `${manual}/reference/method/db.collection.updateOne/#_id-field (error 66, ImmutableField)`,
    breach: (command) =>
      changesOf(command).some(({ update }) =>
        Object.values(bag(update)).some((fields) => '_id' in bag(fields)),
      )
        ? 'an update names _id'
        : null,
  },
  {
    name: 'no field name with a dollar or a dot',
    source: `${manual}/core/dot-dollar-considerations/`,
    breach: (command) =>
      [...entriesWithin(command.documents)]
        .map(([key]) => key)
        .find((key) => key.startsWith('$') || key.includes('.') || key.includes('\0')) ?? null,
  },
  {
    name: 'no partial, unique or expiring index',
    source: `${manual}/core/index-partial/ (compatible servers ignore or refuse it); ${manual}/core/sharding-shard-key-indexes/#unique-indexes`,
    breach: (command) =>
      bags(command.indexes).some(
        (index) => 'partialFilterExpression' in index || 'unique' in index || 'expireAfterSeconds' in index,
      )
        ? 'an index is partial, unique or expiring'
        : null,
  },
  {
    name: 'no long $in',
    source: `${manual}/reference/operator/query/in/ (tens of values are advised)`,
    breach: (command) =>
      [...entriesWithin(filtersOf(command))].some(
        ([key, values]) => key === '$in' && Array.isArray(values) && values.length > longestIn,
      )
        ? `a filter lists more than ${longestIn} values`
        : null,
  },
  {
    name: 'every sort is in the order of an index',
    source: `${manual}/tutorial/sort-results-with-indexes/ (else in memory, at most 100 MB)`,
    breach: (command) => {
      const known = indexes[collectionOf(command)] ?? []
      const without = sortsOf(command).find(
        ({ filter, sort }) => !known.some((index) => givesOrder(index, filter, sort)),
      )
      return without
        ? `no index of ${collectionOf(command)} gives the order ${JSON.stringify(without.sort)}`
        : null
    },
  },
  {
    name: 'every write waits for the majority and the journal',
    source: `${manual}/reference/write-concern/`,
    breach: (command) => {
      if (!isOneOf(command, ['insert', 'update', 'delete', 'findAndModify'])) return null
      const { w, j } = bag(command.writeConcern)
      return w === 'majority' && j === true
        ? null
        : `the write concern is ${JSON.stringify(command.writeConcern)}`
    },
  },
  {
    name: 'every read sees what a majority has',
    source: `${manual}/reference/read-concern-majority/`,
    breach: (command) =>
      isOneOf(command, reads) && bag(command.readConcern).level !== 'majority'
        ? `the read concern is ${JSON.stringify(command.readConcern)}`
        : null,
  },
  {
    name: 'one document for each atomic step',
    source: `${manual}/core/transactions/ (a replica set, no standalone; not every compatible server)`,
    breach: (command) =>
      'startTransaction' in command || 'autocommit' in command ? 'it is part of a transaction' : null,
  },
  {
    name: 'a write of many documents may be repeated',
    source: `${manual}/core/retryable-writes/ (writes with multi are not retried by the driver)`,
    breach: (command) =>
      changesOf(command).some(
        ({ many, update }) =>
          many && Object.keys(bag(update)).some((operator) => operator !== '$set' && operator !== '$unset'),
      )
        ? 'a change of many documents is other than $set and $unset'
        : null,
  },
  {
    name: 'a write of one document names its _id',
    source: `${manual}/core/sharded-cluster-query-router/ (the shard key, here the hashed _id, tells the shard)`,
    breach: (command) =>
      changesOf(command).some(({ many, filter }) => !many && !('_id' in filter && isExact(filter._id)))
        ? 'a write of one document is not filtered by an exact _id'
        : null,
  },
  {
    name: 'no stage that compatible servers lack',
    source: `${manual}/reference/operator/aggregation-pipeline/`,
    breach: (command) =>
      ['$lookup', '$graphLookup', '$merge', '$out', '$changeStream', '$setWindowFields', '$unionWith'].find(
        (stage) => stagesOf(command).some((each) => stage in each),
      ) ?? null,
  },
]

function conflictingPath({ update }: Change): string | null {
  const paths = Object.entries(bag(update)).flatMap(([operator, fields]) =>
    operator.startsWith('$') ? Object.keys(bag(fields)) : [],
  )
  const sorted = paths.toSorted()
  return sorted.find((path, at) => sorted[at + 1] === path || sorted[at + 1]?.startsWith(`${path}.`)) ?? null
}

/** @returns one line for each rule that the command breaks. */
export const breachesOf = (command: SentCommand): readonly string[] =>
  mongoRules.flatMap(({ name, breach }) => {
    const what = breach(command)
    return what === null ? [] : [`${name}: ${what}`]
  })
