import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startInstant } from '../../../../server/domain/time/end-instant.ts'
import { type ReadRow, readRows } from '../../../../server/features/imports/read-rows.ts'
import { isOldEncoding, linesOf, textPieces } from '../../../../server/features/imports/read-text.ts'

const all = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

const utf16 = (text: string, isBig: boolean): Uint8Array => {
  const bytes = Buffer.from(text, 'utf16le')
  return isBig ? bytes.swap16() : bytes
}

const encodings = {
  'utf-8': (text: string) => Buffer.from(text),
  'utf-8 with a mark': (text: string) => Buffer.from(`\uFEFF${text}`),
  'utf-16le': (text: string) => utf16(text, false),
  'utf-16le with a mark': (text: string) => utf16(`\uFEFF${text}`, false),
  'utf-16be with a mark': (text: string) => utf16(`\uFEFF${text}`, true),
}

const read = (text: string | Uint8Array, format: 'csv' | 'ndjson' = 'csv'): Promise<ReadRow[]> =>
  all(readRows(typeof text === 'string' ? Buffer.from(text) : text, format))

const wordsOf = (rows: readonly ReadRow[]) =>
  rows.map(({ line, userId, ...row }) => [line, userId, 'why' in row ? row.why : null])

/** As an editor numbers them. */
const lineOf = (text: string, position: number): number => text.slice(0, position).split(/\r\n|\r|\n/).length

const breaks = ['\r\n', '\n', '\r']
const row = fc.oneof(
  fc.record({
    name: fc.string({ unit: fc.constantFrom('a', 'ü', '文', '"', ',', ';', '\t', ...breaks), maxLength: 8 }),
    isGood: fc.boolean(),
  }),
  fc.constant(null),
)

describe('what spreadsheets write', () => {
  it('names columns in its own way', async () => {
    const text = [
      'User ID;E-Mail Address;Full Name;Account Name;Preferred Language;Time Zone;Trial End Date;Created Date;Größe (m²);Team Seats;中文',
      '17;ann@import.example;Ann Lee;Acme;de_DE;Europe/Berlin;2027-03-28;2026-01-02;12;5;x',
    ].join('\n')
    expect(await read(text)).toMatchObject([
      {
        userId: '17',
        patch: {
          email: 'ann@import.example',
          name: 'Ann Lee',
          company: 'Acme',
          locale: 'de-DE',
          timeZone: 'Europe/Berlin',
          trial: { endsAt: '2027-03-28' },
          traits: { createdAt: '2026-01-02', 'Team Seats': 5, column_11: 'x' },
        },
      },
    ])
  })

  it('has the id of a person under another name', async () => {
    expect(await read('Id,Email\nu1,ann@import.example\n')).toMatchObject([{ userId: 'u1' }])
    const both = await read('id,user_id,Email\n7,u1,ann@import.example\n')
    expect(both).toMatchObject([{ userId: 'u1', patch: { traits: { id: 7 } } }])
  })

  it.each([
    ['2027-03-28', '2027-03-28'],
    ['2027/3/8', '2027-03-08'],
    ['28.3.2027', '2027-03-28'],
    ['2027. 3. 28.', '2027-03-28'],
    ['2027-03-28 00:00:00', '2027-03-28'],
    ['28.03.2027 00:00', '2027-03-28'],
    ['2027-03-28 18:30', '2027-03-28T18:30:00Z'],
    ['2027-03-28 18:30:05.123456', '2027-03-28T18:30:05Z'],
    ['2027-03-28 18:30:05+02', '2027-03-28T18:30:05+02:00'],
    ['2027-03-28T18:30:05.000+0000', '2027-03-28T18:30:05+0000'],
    ['2027-03-28 18:30:00 UTC', '2027-03-28T18:30:00Z'],
  ])('writes the date %s', async (cell, endsAt) => {
    const rows = await read(`userId;trial.endsAt\nu1;"${cell}"\n`)
    expect(rows).toMatchObject([{ userId: 'u1', patch: { trial: { endsAt } } }])
  })

  it.each(['3/4/2027', '28/03/2027', '46474', '31.2.2027', '2027-03-28 7 PM'])(
    'is refused a date that could be another one: %s',
    async (cell) => {
      expect(await read(`userId;trial.endsAt\nu1;${cell}\n`)).toMatchObject([
        { userId: 'u1', why: expect.stringContaining('trial.endsAt') },
      ])
    },
  )

  it.each([
    ['TRUE', true],
    ['FALSE', false],
    ['true', true],
    ['Yes', true],
    ['no', false],
    ['WAHR', true],
    ['falsch', false],
    ['1', true],
    ['0', false],
  ])('says %s of consent', async (cell, mail) => {
    expect(await read(`userId,consent.mail\nu1,${cell}\n`)).toMatchObject([{ patch: { consent: { mail } } }])
  })

  it('is refused a consent that is no clear word', async () => {
    expect(await read('userId,consent.mail\nu1,maybe\n')).toMatchObject([
      { why: expect.stringContaining('consent.mail') },
    ])
  })

  it('marks a cell without a value', async () => {
    const text =
      'userId,email,name,plan,company\nu1,NULL,Null,\\N,#N/A\nu2,\u200bbo@import.example\u00a0,,,\n'
    const rows = await read(text)
    expect(rows).toMatchObject([{ patch: { name: 'Null' } }, { patch: { email: 'bo@import.example' } }])
    expect(Object.keys((rows[0] as { patch: object }).patch)).toEqual(['name'])
  })

  it('is refused an id whose digits it has lost', async () => {
    expect(await read('userId,name\n1.23457E+15,Ann\n"1,23457E+15",Bo\n1e5,Cy\n')).toMatchObject([
      { why: expect.stringContaining('shortened') },
      { why: expect.stringContaining('shortened') },
      { userId: '1e5', patch: { name: 'Cy' } },
    ])
  })

  it('may be in the encoding of old ones', async () => {
    const text = Buffer.from('userId,name,company\nu1,Jos\u00e9 M\u00fcller,Caf\u00e9 \u00c5\n', 'latin1')
    const euro = Buffer.concat([text, Buffer.from([0x75, 0x32, 0x2c, 0x80, 0x2c, 0x93, 0x78, 0x94, 0x0a])])
    expect(await isOldEncoding([euro])).toBe(true)
    const rows = await all(readRows(euro, 'csv', { isOld: true }))
    expect(rows).toMatchObject([
      { userId: 'u1', patch: { name: 'José Müller', company: 'Café Å' } },
      { userId: 'u2', patch: { name: '€', company: '“x”' } },
    ])
  })

  it('is not taken for that where it is UTF-8 or UTF-16, cut anywhere', async () => {
    for (const encode of Object.values(encodings)) {
      const bytes = encode('userId,name\nu1,José 文\n')
      for (let at = 2; at < bytes.length; at++)
        expect(await isOldEncoding([bytes.subarray(0, at), bytes.subarray(at)])).toBe(false)
    }
  })

  it('holds line breaks within a name, which becomes one line', async () => {
    const text = 'userId,name,company,plan\nu1," Ann\r\n\tLee ","Acme\nInc",  pro\u0000\n'
    expect(await read(text)).toMatchObject([
      { userId: 'u1', patch: { name: 'Ann Lee', company: 'Acme Inc', plan: 'pro' } },
    ])
  })

  it('begins a trial on a plain date as well as at an instant', async () => {
    const text = 'userId,trial.startsAt\nu1,2026-03-01\nu2,2026-03-01T09:00:00Z\nu3,yesterday\n'
    expect(wordsOf(await read(text)).map(([, userId, why]) => [userId, why !== null])).toEqual([
      ['u1', false],
      ['u2', false],
      ['u3', true],
    ])
    expect(startInstant('2026-03-01', 'Asia/Manila')).toBe(Date.UTC(2026, 1, 28, 16))
  })
})

describe('the line of a row', () => {
  it('is the one that an editor shows, whatever the file is like', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 30 }),
        fc.infiniteStream(fc.constantFrom(...breaks)),
        fc.boolean(),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom(...Object.values(encodings)),
        async (rows, ends, isMixed, separator, encode) => {
          const first = ends.next().value ?? '\n'
          const end = () => (isMixed ? (ends.next().value ?? '\n') : first)
          let text = `userId${separator}note${separator}email${end()}`
          const expected: [number, string, boolean][] = []
          rows.forEach((item, index) => {
            // A CR before the LF of an empty line would be one line end.
            if (item === null) text += text.endsWith('\r') ? '\r' : end()
            else {
              if (text.endsWith('\r')) text += '\r'
              expected.push([lineOf(text, text.length), `p${index}`, item.isGood])
              const email = item.isGood ? `p${index}@example.com` : 'none'
              text += `p${index}${separator}"a${item.name.replaceAll('"', '""')}"${separator}${email}${end()}`
            }
          })
          const found = await read(encode(text))
          expect(found.map(({ line, userId, ...rest }) => [line, userId, !('why' in rest)])).toEqual(expected)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is right in NDJSON too, in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('{"userId":"a"}', '{', '', '[]', '{"userId":"ü\u2028"}'), { maxLength: 12 }),
        fc.infiniteStream(fc.constantFrom(...breaks)),
        fc.integer({ min: 1, max: 9 }),
        async (rows, ends, size) => {
          const text = rows.map((each) => `${each}${ends.next().value ?? '\n'}`).join('')
          const bytes = Buffer.from(text)
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
            bytes.subarray(n * size, (n + 1) * size),
          )
          const lines = await all(linesOf(textPieces(chunks)))
          expect(lines.map((each) => each.text)).toEqual(text.split(/\r\n|\r|\n/))
          expect(lines.map(({ line }) => line)).toEqual(lines.map((_, index) => index + 1))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('of what cannot be read is where the broken row begins', async () => {
    const rows = await read('userId,note\r\na,"two\r\nlines"\r\n\r\nb,"never closed\r\nc,d\r\n')
    expect(wordsOf(rows)).toEqual([
      [2, 'a', null],
      [5, null, expect.stringContaining('cannot be read from here on')],
    ])
  })
})

describe('a file as spreadsheets write it', () => {
  it.each([
    ['a quote in the middle of a cell', 'userId,name\na,Anne "Annie" Lee\n', 'Anne "Annie" Lee'],
    ['the separator named first', 'sep=;\r\nuserId;name\r\na;Lee, Anne\r\n', 'Lee, Anne'],
    ['a blank before a quote, and text after one', 'userId,name\na, "Lee, "Anne\n', 'Lee, Anne'],
    ['old Macintosh line ends', 'userId\tname\ra\tLee\r', 'Lee'],
    ['empty lines before the header', '\n\nuserId|name\na|Lee', 'Lee'],
    ['rows of empty cells at the end', 'userId,name\na,Lee\n,\n,\n', 'Lee'],
  ])('with %s', async (_, text, name) => {
    expect(await read(text)).toEqual([{ line: expect.any(Number), userId: 'a', patch: { name } }])
  })

  it('keeps a row that is too long from taking the memory', async () => {
    const long = `{"userId":"a","name":"${'x'.repeat(300_000)}"}`
    expect(wordsOf(await read(`${long}\n{"userId":"b"}`, 'ndjson'))).toEqual([
      [1, null, 'is longer than 100000 characters'],
      [2, 'b', null],
    ])
  })
})
