import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCsvLine } from '../../../server/cli/csv.ts'

test.each([
  ['a,b,c', ['a', 'b', 'c']],
  ['', ['']],
  ['a,,', ['a', '', '']],
  ['"a,b","say ""hi"""', ['a,b', 'say "hi"']],
])('reads %j', (line, cells) => expect(parseCsvLine(line)).toEqual(cells))

test.each(['"open', 'a"b', '"a"b'])('refuses %j', (line) => expect(() => parseCsvLine(line)).toThrow())

test('reads back whatever cells were written', () => {
  const cell = fc.string().map((text) => text.replaceAll(/[\r\n]/g, ' '))
  const write = (cells: string[]) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 8 }), (cells) => {
      expect(parseCsvLine(write(cells))).toEqual(cells)
    }),
  )
})
