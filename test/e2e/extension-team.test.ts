import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { demoPlaybook } from '../../server/demo/demo-playbook.ts'
import type { CompanyAnswer } from '../../shared/api/companies.ts'
import { dayMs } from '../../shared/clock.ts'
import {
  axeViolations,
  type Companion,
  cardText,
  dana,
  inCard,
  openThread,
  startCompanion,
  waitForCard,
} from '../support/companion.ts'

/** Three teammates, one of whom can buy, and a rep who writes to all of them. */

const ann = { email: 'ann@customer.example', name: 'Ann Lee' }
const bea = { email: 'bea@customer.example', name: 'Bea Fox' }
const cleo = { email: 'cleo@customer.example', name: 'Cleo Oak' }

let companion: Companion

beforeAll(async () => {
  const playbook = demoPlaybook('http://127.0.0.1')
  companion = await startCompanion(
    [
      { id: 'aaa1', subject: 'All of you', messages: [{ from: ann, to: [bea, cleo, dana] }] },
      { id: 'bbb2', subject: 'Just me', messages: [{ from: cleo, to: [dana] }] },
    ],
    { ...playbook, trial: { ...playbook.trial, of: 'company', buyer: { roles: ['owner'] } } },
  )
  await companion.api('PUT', '/api/companies/acme', {
    name: 'Acme',
    members: [
      { userId: 'ann', ...ann },
      { userId: 'bea', ...bea, role: 'owner' },
      { userId: 'cleo', ...cleo },
    ],
  })
  await companion.track('ann', ['Board Created'])
  await companion.signIn()
}, 120_000)
afterEach(() => companion.tidy())
afterAll(() => companion?.close())

const company = async () => (await companion.api('GET', '/api/companies/acme')).body as CompanyAnswer
const endOf = ({ trial }: CompanyAnswer) => Date.parse(trial.endsAt ?? '')

it('shows an email to the whole team as one card, with its champion and its buyer', async () => {
  const tab = await companion.gmail('/mail/u/0/?dark#inbox/aaa1')
  await waitForCard(tab, 'Team in this trial')
  expect(await tab.$$('trialpace-card >>> .people button')).toHaveLength(0)
  const marks = await tab.$$eval('trialpace-card >>> .colleagues li', (lines) =>
    lines.map((line) => line.textContent?.replaceAll(/\s+/g, ' ').trim()),
  )
  expect(marks).toEqual(['Ann LeeChampion', 'Bea FoxCan buy · owner', 'Cleo Oak'])
  expect(await axeViolations(tab, 'trialpace-card')).toEqual([])
  if (process.env.SCREENSHOTS) await tab.screenshot({ path: `${process.env.SCREENSHOTS}/card-team.png` })
})

it('extends all of them from the card of whoever writes', async () => {
  const before = endOf(await company())
  const tab = await companion.gmail('/mail/u/0/#inbox/bbb2')
  await waitForCard(tab, cleo.name)
  await (await inCard(tab, '[data-tp=extend]')).click()
  await waitForCard(tab, 'New end:')
  await (await inCard(tab, '[data-tp=confirm]')).click()
  await waitForCard(tab, 'Extended to')
  const after = await company()
  expect(endOf(after) - before).toBeGreaterThanOrEqual(dayMs)
  expect(after.extensions).toHaveLength(1)
  await companion.forgetCards()
  await openThread(tab, 'aaa1')
  await waitForCard(tab, 'Champion')
  expect(await cardText(tab)).toContain(ann.name)
})
