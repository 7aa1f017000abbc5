import { expect, test } from 'vitest'
import { isPlaceholderId } from '../../shared/placeholder-id.ts'

test.each([
  'undefined',
  'null',
  'NaN',
  'NULL',
  'None',
  'nil',
  'true',
  'false',
  '[object Object]',
  '',
  '  ',
  ' null ',
])('"%s" stands for nobody', (id) => expect(isPlaceholderId(id)).toBe(true))

test.each(['0', '42', 'u1', 'nullable', 'undefined-1', 'nanette', 'Falsetto', 'object', 'ann@example.com'])(
  '"%s" is an id',
  (id) => expect(isPlaceholderId(id)).toBe(false),
)
