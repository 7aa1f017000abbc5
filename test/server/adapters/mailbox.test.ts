import { expect, it } from 'vitest'
import { addressOfMailbox } from '../../../server/adapters/mailbox.ts'

it.each([
  ['hello@acme.example', 'hello@acme.example'],
  [' hello@acme.example ', 'hello@acme.example'],
  ['<hello@acme.example>', 'hello@acme.example'],
  ['Acme <hello@acme.example>', 'hello@acme.example'],
  ['"Acme, Inc." <hello@acme.example>', 'hello@acme.example'],
  ['"a@b <c" <hello@acme.example> (sales)', 'hello@acme.example'],
  ['trialpace@localhost', 'trialpace@localhost'],
  ['Trialpace <trialpace@localhost>', 'trialpace@localhost'],
])('the address of %s is %s', (mailbox, address) => {
  expect(addressOfMailbox(mailbox)).toBe(address)
})
