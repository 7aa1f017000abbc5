import { expect, it } from 'vitest'
import { createPasswordHash } from '../../../../server/features/accounts/password-hash.ts'

it('knows a password by its hash, many at once', async () => {
  const hash = createPasswordHash()
  const passwords = ['plum orchard lantern', 'correct horse battery', 'x']
  const hashes = await Promise.all(passwords.map((password) => hash.of(password)))
  const verdicts = await Promise.all(hashes.map((each) => hash.isOf(each, 'correct horse battery')))
  expect(verdicts).toEqual([false, true, false])
})

it('goes on after a hash that is none', async () => {
  const hash = createPasswordHash()
  const good = await hash.of('plum orchard lantern')
  const [broken, sound] = await Promise.allSettled([
    hash.isOf('no hash', 'x'),
    hash.isOf(good, 'plum orchard lantern'),
  ])
  expect([broken.status, sound]).toEqual(['rejected', { status: 'fulfilled', value: true }])
})
