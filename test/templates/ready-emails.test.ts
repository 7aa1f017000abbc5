import { expect, it } from 'vitest'
import { createReadyEmails } from '../../server/features/content/ready-emails.ts'
import { checkContent } from '../../shared/content/check.ts'

it.each(createReadyEmails()())('$id is found without fault in the editor', ({ kind, content }) => {
  expect(checkContent(content, { values: null, kind: kind ?? 'custom' })).toEqual([])
})
