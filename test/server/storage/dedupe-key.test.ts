import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dedupeKey } from '../../../server/storage/sqlite/dedupe-key.ts'

const uuid = '0197a3b2-1c00-7abc-8def-0123456789ab'

describe('the key an event is known again by', () => {
  it('begins with an id that begins with its time', () => {
    expect(dedupeKey(71, uuid)).toBe(`${uuid}1z`)
    for (const variant of ['8', '9', 'a', 'b'])
      expect(dedupeKey(1, uuid.replace('-8def', `-${variant}def`))).toMatch(/^0197/)
  })

  it('begins with the subject for every other id', () => {
    const others = [
      '',
      'm1',
      uuid.toUpperCase(),
      uuid.replace('-7', '-4'),
      uuid.replace('-8def', '-cdef'),
      uuid.replace('-7', '7-'),
      uuid.replaceAll('-', ''),
      uuid.replace('a', 'g'),
      `${uuid}0`,
      uuid.slice(1),
      ` ${uuid.slice(1)}`,
    ]
    for (const id of others) expect(dedupeKey(71, id), id).toBe(`!1z|${id}`)
  })

  it('sorts ids without a time before those with one, and those by their time', () => {
    const keys = [dedupeKey(9, 'zzz'), dedupeKey(1, uuid), dedupeKey(0, uuid.replace('0197', '0198'))]
    expect([...keys].sort()).toEqual(keys)
  })

  it('is another one for another subject or id, whatever the ids are made of', () => {
    const id = fc.oneof(
      fc.uuid({ version: 7 }),
      fc.uuid(),
      fc.string(),
      fc.constantFrom(uuid, `${uuid}1`, `1|${uuid}`, `!1|${uuid}`),
    )
    const one = fc.record({ subject: fc.integer({ min: 1, max: 40 }), id })
    fc.assert(
      fc.property(one, one, (a, b) => {
        const isSame = a.subject === b.subject && a.id === b.id
        expect(dedupeKey(a.subject, a.id) === dedupeKey(b.subject, b.id)).toBe(isSame)
      }),
    )
  })
})
