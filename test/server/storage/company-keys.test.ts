import { describe, expect, test } from 'vitest'
import { companyKeysOf } from '../../../server/storage/company-keys.ts'
import type { EmailAddress } from '../../../shared/trial.ts'

const keys = (email: string | null, company: string | null = null, traits: Record<string, unknown> = {}) =>
  companyKeysOf({ email: email as EmailAddress | null, company, traits })

describe('by what colleagues are found', () => {
  test.each([
    ['ann@acme.example', 'acme.example'],
    ['ann@mail.eu.acme.co.uk', 'acme.co.uk'],
    ['ann@acme.github.io', 'acme.github.io'],
    ['ann@gmail.com', null],
    ['ann@yahoo.com.sg', null],
    ['ann@hotmail.co.nz', null],
    ['ann@outlook.com.br', null],
    ['ann@mail.gmx.de', null],
    ['ann@live-company.com', 'live-company.com'],
    [null, null],
  ])('the address %s: %s', (email, domain) => {
    expect(keys(email).domain).toBe(domain)
  })

  test.each([
    ['Acme  GmbH', {}, 'acme gmbh'],
    ['ＡＣＭＥ', {}, 'acme'],
    ['Acme', { groupId: 'G-17' }, 'g-17'],
    ['Acme', { companyId: 17 }, '17'],
    ['Acme', { groupId: { toString: 1 } }, 'acme'],
    ['n/a', {}, null],
    ['---', {}, null],
    [' ', {}, null],
    [null, {}, null],
    ['x'.repeat(100_000), {}, 'x'.repeat(200)],
  ])('the company %s with %j: %s', (company, traits, key) => {
    expect(keys(null, company, traits).company).toBe(key)
  })
})
