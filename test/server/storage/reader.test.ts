import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Connection, openConnection } from '../../../server/storage/sqlite/connection.ts'
import { createReader, createReaderWithin, type Reader } from '../../../server/storage/sqlite/reader.ts'

/** Counts up to the bound value. */
const counting = `
  WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?) SELECT max(n) AS n FROM c`
const forever = 1e12

describe('the reader of a SQLite file', () => {
  let folder: string
  let file: string
  let connection: Connection
  let reader: Reader
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trialpace-reader-'))
    file = join(folder, 'trialpace.db')
    connection = await openConnection(file)
    reader = createReader(file)
  })
  afterEach(async () => {
    await reader.close()
    await connection.close()
    await rm(folder, { recursive: true })
  })
  const note = (id: string) =>
    connection.write(() => {
      connection
        .prepare("INSERT INTO documents (kind, id, version, body) VALUES ('note', ?, 1, 'null')")
        .run([id])
    })
  const notes = (of = reader) =>
    of.one<{ ids: string | null }>('SELECT group_concat(id) AS ids FROM documents', [])

  it('lets this thread go on, and write, while a question takes for ever', async () => {
    const answer = reader.one(counting, [forever]).catch((error: Error) => error.name)
    for (const id of ['a', 'b', 'c']) {
      await new Promise((resolve) => setImmediate(resolve))
      await note(id)
    }
    await reader.close()
    expect(await answer).toBe('StorageUnavailable')
  })

  it('sees what was committed just before', async () => {
    for (const id of ['a', 'b', 'c']) {
      await note(id)
      expect((await notes()).ids).toContain(id)
    }
  })

  it('answers short questions beside a long one', async () => {
    const long = reader.one(counting, [forever]).catch((error: Error) => error.name)
    await note('a')
    expect(await notes()).toEqual({ ids: 'a' })
    await reader.close()
    expect(await long).toBe('StorageUnavailable')
  })

  it('gives up what takes too long, says so, and goes on', async () => {
    const hasty = createReader(file, 20)
    await expect(hasty.one(counting, [forever])).rejects.toMatchObject({ name: 'QueryTooLong' })
    await expect(hasty.one(counting, [forever])).rejects.toMatchObject({ name: 'QueryTooLong' })
    await note('a')
    await expect(hasty.one('SELECT 1 AS one', [])).resolves.toMatchObject({ one: 1 })
    await hasty.close()
  })

  it('refuses rather than to let questions pile up', async () => {
    const asked = Array.from({ length: 250 }, () =>
      reader.one(counting, [forever]).then(String, (error: Error) => error.message),
    )
    const refused = await Promise.race(asked)
    expect(refused).toContain('too many')
    await reader.close()
    const answers = await Promise.all(asked)
    expect(answers.filter((message) => message.includes('too many'))).toHaveLength(48)
  })

  it('writes nothing', async () => {
    await note('a')
    await expect(reader.one('DELETE FROM documents RETURNING id AS ids', [])).rejects.toMatchObject({
      name: 'StorageUnavailable',
    })
    expect(await notes()).toEqual({ ids: 'a' })
  })

  it('keeps no part of the log in use once it has answered', async () => {
    await note('a')
    await notes()
    await connection.emptyLog()
    expect((await stat(`${file}-wal`)).size).toBe(0)
  })

  it('answers no more once it is closed', async () => {
    await notes()
    await reader.close()
    await expect(notes()).rejects.toMatchObject({ name: 'StorageUnavailable' })
  })

  it('reads a database in memory through the connection that has it', async () => {
    const memory = await openConnection(':memory:')
    const within = createReaderWithin(memory)
    expect(await notes(within)).toMatchObject({ ids: null })
    await within.close()
    await memory.close()
  })
})
