import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  axeViolations,
  type Companion,
  dana,
  inCard,
  startCompanion,
  waitForCard,
} from '../support/companion.ts'

/** The right person, whatever else is open, and a refusal that is seen. */

const ann = { email: 'ann@example.com', name: 'Ann Lee' }
const bob = { email: 'bob@example.com', name: 'Bob Stone' }

let companion: Companion

beforeAll(async () => {
  companion = await startCompanion([
    { id: 'aaa1', subject: 'Question', messages: [{ from: ann, to: [dana] }] },
    { id: 'bbb2', subject: 'Hello', messages: [{ from: bob, to: [dana] }] },
  ])
  for (const { email, name } of [ann, bob])
    await companion.api('PUT', `/api/trialists/u-${name.slice(0, 3).toLowerCase()}`, { email, name })
  await companion.signIn()
}, 120_000)
afterEach(() => companion.tidy())
afterAll(() => companion?.close())

describe('a text about one person', () => {
  it('does not go into an email to someone else', async () => {
    const tab = await companion.gmail('/mail/u/0/#inbox/bbb2')
    await waitForCard(tab, bob.name)
    await tab.click('#reply')
    await tab.evaluate(() => {
      location.hash = '#inbox/aaa1'
    })
    await waitForCard(tab, ann.name)
    await (await inCard(tab, '.snippets summary')).click()
    await (await inCard(tab, '.snippets button')).click()
    await waitForCard(tab, 'not to Ann Lee')
    expect(await tab.$eval('[g_editable]', (body) => body.textContent)).toBe('')
  })
})

describe('a refused extension', () => {
  it('says so at the button with the new end, and a second press adds nothing', async () => {
    const tab = await companion.gmail('/mail/u/0/#inbox/bbb2')
    await waitForCard(tab, bob.name)
    await (await inCard(tab, '[data-tp=extend]')).click()
    await waitForCard(tab, 'New end:')
    await companion.api('POST', '/api/trialists/u-bob/extensions', { days: 3, reason: 'colleague', note: '' })
    const confirm = await inCard(tab, '[data-tp=confirm]')
    await confirm.click()
    await waitForCard(tab, 'Nothing was added')
    expect(await (await inCard(tab, 'form .failure')).isIntersectingViewport()).toBe(true)
    expect(await tab.$('trialpace-card >>> [data-tp=confirm]')).toBeNull()
    const granted = async () =>
      ((await companion.api('GET', '/api/trialists/u-bob')).body as { extensions: { days: number }[] })
        .extensions
    expect(await granted()).toMatchObject([{ days: 3 }])
    await (await inCard(tab, 'form .actions .primary')).click()
    await (await inCard(tab, '[data-tp=confirm]')).click()
    await waitForCard(tab, 'Extended to')
    expect(await granted()).toHaveLength(2)
  })
})

describe('the card', () => {
  it('names the address, links to the dashboard, can be moved by keys, and has no axe violations', async () => {
    const tab = await companion.gmail('/mail/u/0/?dark#inbox/aaa1')
    await waitForCard(tab, 'of 100')
    await waitForCard(tab, ann.email)
    expect(await (await inCard(tab, '.contact a')).evaluate((link) => link.getAttribute('href'))).toBe(
      `${companion.server.url}/#/trialists/u-ann`,
    )
    const left = () => tab.$eval('trialpace-card', (host) => host.getBoundingClientRect().left)
    const before = await left()
    await (await inCard(tab, '.move')).press('ArrowLeft')
    expect(await left()).toBe(before - 24)
    await (await inCard(tab, '.move')).press('Home')
    expect(await left()).toBe(before)
    expect(await axeViolations(tab, 'trialpace-card')).toEqual([])
  })
})
