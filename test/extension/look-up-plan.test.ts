import { describe, expect, test } from 'vitest'
import { colleagueDomains, lookUpPlan } from '../../extension/look-up-plan.ts'
import type { Settings } from '../../extension/settings.ts'

/** Which addresses leave the tab. */

const settings: Settings = {
  version: 1,
  neverLookUp: ['private@home.test', '@bank.test'],
  listDots: false,
  cardOpen: true,
}
const own = ['dana@acme.test']
const plan = (emails: string[], { isSearch = false, told = ['@acme-labs.test'], mine = own } = {}) =>
  lookUpPlan(emails, { settings, own: mine, domains: colleagueDomains(mine, told), isSearch })

describe('people in a thread', () => {
  test('are asked about once each', () => {
    expect(plan(['ann@example.com', 'ann@example.com'])).toEqual({ ask: ['ann@example.com'], skipped: {} })
  })

  test('of the own company are not asked about, by the mailbox and by the team’s accounts', () => {
    expect(plan(['mia@acme.test', 'max@acme-labs.test', 'eve@notacme.test'])).toEqual({
      ask: ['eve@notacme.test'],
      skipped: { 'mia@acme.test': 'colleague', 'max@acme-labs.test': 'colleague' },
    })
  })

  test('at a public provider are no colleagues of a rep who has an address there', () => {
    const mine = ['dana@gmail.com']
    expect(plan(['ann@gmail.com'], { mine, told: ['@gmail.com', '@outlook.com'] }).ask).toEqual([
      'ann@gmail.com',
    ])
    expect(plan(['d.ana+x@googlemail.com'], { mine }).skipped).toEqual({
      'd.ana+x@googlemail.com': 'colleague',
    })
  })

  test('on the list are never asked about, not even when typed', () => {
    expect(plan(['private@home.test', 'a@bank.test'], { isSearch: true })).toEqual({
      ask: [],
      skipped: { 'private@home.test': 'never', 'a@bank.test': 'never' },
    })
  })

  test('that the rep typed are asked about, colleagues too', () => {
    expect(plan(['mia@acme.test'], { isSearch: true }).ask).toEqual(['mia@acme.test'])
  })
})
