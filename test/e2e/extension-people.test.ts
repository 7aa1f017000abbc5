import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { BillingState } from '../../shared/billing.ts'
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

/** The right person, whatever else is open, and a refusal that is seen. */

const ann = { email: 'ann@example.com', name: 'Ann Lee' }
const dee = { email: 'dee@alone.example', name: 'Dee Fox' }
const bob = { email: 'bob@example.com', name: 'Bob Stone' }

let companion: Companion

beforeAll(async () => {
  companion = await startCompanion([
    { id: 'aaa1', subject: 'Question', messages: [{ from: ann, to: [dana] }] },
    { id: 'bbb2', subject: 'Hello', messages: [{ from: bob, to: [dana] }] },
    { id: 'ddd4', subject: 'Alone', messages: [{ from: dee, to: [dana] }] },
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
    const again = await inCard(tab, '[data-tp=confirm]')
    expect(await granted()).toHaveLength(1)
    await again.click()
    await waitForCard(tab, 'Extended to')
    expect(await granted()).toHaveLength(2)
  })
})

describe('the card', () => {
  it('names the address, links to the dashboard, can be moved by keys, and has no axe violations', async () => {
    const tab = await companion.gmail('/mail/u/0/?dark#inbox/aaa1')
    await waitForCard(tab, 'of\u00a0100')
    await waitForCard(tab, ann.email)
    expect(await (await inCard(tab, '.contact a')).evaluate((link) => link.getAttribute('href'))).toBe(
      `${companion.server.url}/#/trialists/u-ann`,
    )
    const left = () => tab.$eval('trialpace-card', (host) => Math.round(host.getBoundingClientRect().left))
    const before = await left()
    await (await inCard(tab, '.move')).press('ArrowLeft')
    expect(await left()).toBe(before - 24)
    await (await inCard(tab, '.move')).press('Home')
    expect(await left()).toBe(before)
    expect(await axeViolations(tab, 'trialpace-card')).toEqual([])
  })
})

describe('colleagues', () => {
  it('are on the card with segment and link; no one and a fault are said', async () => {
    await companion.api('PUT', '/api/trialists/u-cy', { email: 'cy@eu.example.com', name: 'Cy Young' })
    const tab = await companion.gmail('/mail/u/0/#inbox/aaa1')
    await waitForCard(tab, 'Cy Young')
    const link = await inCard(tab, '.colleagues a[title="cy@eu.example.com"]')
    expect(await link.evaluate((element) => element.getAttribute('href'))).toBe(
      `${companion.server.url}/#/trialists/u-cy`,
    )
    expect(await (await inCard(tab, '.colleagues')).evaluate((part) => part.textContent)).toContain('Unaware')
    await companion.api('PUT', '/api/trialists/u-dee', { email: dee.email, name: dee.name })
    const alone = await companion.gmail('/mail/u/0/#inbox/ddd4')
    await waitForCard(alone, 'No one else of this company')
    companion.setFault((request, response, next) =>
      request.path.endsWith('/colleagues') ? void response.status(500).json({}) : next(),
    )
    const failing = await companion.gmail('/mail/u/0/#inbox/aaa1')
    await waitForCard(failing, 'The server had a problem (500)')
    expect(await cardText(failing)).toContain(ann.name)
    companion.setFault(null)
    await (await inCard(failing, '.colleagues button')).click()
    await waitForCard(failing, 'Cy Young')
  })
})

describe('what a rep does on the card', () => {
  it('copies the address', async () => {
    const tab = await companion.gmail('/mail/u/0/#inbox/aaa1')
    await waitForCard(tab, ann.email)
    await (await inCard(tab, '.contact button')).click()
    await waitForCard(tab, 'Copied.')
    await tab.click('#reply')
    await tab.keyboard.press('v', { commands: ['paste'] })
    await tab.waitForFunction(
      (address) => document.querySelector('[g_editable]')?.textContent?.includes(address),
      {},
      ann.email,
    )
  })

  it('chooses who looks after a person, and takes that back', async () => {
    const tab = await companion.gmail('/mail/u/0/#inbox/aaa1')
    await waitForCard(tab, 'Owner')
    const owner = async () => {
      await companion.forgetCards()
      const fresh = await companion.gmail('/mail/u/0/#inbox/aaa1')
      const select = await inCard(fresh, '.owner select')
      return select.evaluate((element) => (element as unknown as HTMLSelectElement).value)
    }
    const select = await inCard(tab, '.owner select')
    const [name = ''] = await select.evaluate((element) =>
      [...(element as unknown as HTMLSelectElement).options].map(({ value }) => value).filter(Boolean),
    )
    const choose = async (key: string) => {
      await tab.bringToFront()
      await select.focus()
      const answered = tab.waitForFunction(
        () =>
          document
            .querySelector('trialpace-card')
            ?.shadowRoot?.querySelector('section')
            ?.getAttribute('aria-busy') === 'false',
      )
      await select.press(key as 'ArrowDown')
      await answered
    }
    await choose('ArrowDown')
    await expect.poll(owner).toBe(name)
    await choose('Home')
    await expect.poll(owner).toBe('')
  })

  it('reads what the billing system knows, and what needs attention', async () => {
    const billing: BillingState = {
      provider: 'stripe',
      connection: 'Stripe EU',
      connectionId: 'c1',
      subscription: 'sub_1',
      status: 'trialing',
      plan: 'Team',
      currency: 'EUR',
      mrrMinor: null,
      potentialMrrMinor: 4900,
      trialEndsAt: '2026-12-24T12:00:00.000Z',
      cancelsAt: null,
      payment: 'unknown',
      isProvisional: false,
      readAt: null,
      writeBack: null,
      notes: ['Stripe EU has not taken the new end.'],
    }
    companion.setFault((_request, response, next) => {
      const send = response.send.bind(response)
      response.send = (text: string) => {
        const body = JSON.parse(text) as { cards?: Record<string, object | null> }
        for (const card of Object.values(body.cards ?? {})) if (card) Object.assign(card, { billing })
        response.send = send
        return send(JSON.stringify(body))
      }
      next()
    })
    await companion.forgetCards()
    const tab = await companion.gmail('/mail/u/0/#inbox/aaa1')
    await waitForCard(tab, 'Billing in Stripe EU')
    const text = await (await inCard(tab, '.billing')).evaluate((part) => part.textContent)
    expect(text).toContain('Team · trialing · trial there until')
    expect(text).toContain('24')
    expect(await (await inCard(tab, '.billing .warning')).evaluate((note) => note.textContent)).toBe(
      billing.notes[0],
    )
  })
})

describe('the browser’s shortcuts', () => {
  const send = async (tab: Page, command: string) => {
    await tab.bringToFront()
    const worker = await companion.worker()
    await worker.evaluate(
      `chrome.tabs.query({ active: true }).then((tabs) => Promise.all(tabs.map(({ id }) => chrome.tabs.sendMessage(id, { name: 'command', command: '${command}' }).catch(() => undefined))))`,
    )
  }
  const isShown = (tab: Page) =>
    tab.$eval('trialpace-card', (host) => (host as HTMLElement).style.display !== 'none')

  it('hide the card, which stays hidden in the next thread, and bring it back', async () => {
    const tab = await companion.gmail('/mail/u/0/#inbox/aaa1')
    await waitForCard(tab, ann.name)
    await send(tab, 'toggle-card')
    await expect.poll(() => isShown(tab)).toBe(false)
    await openThread(tab, 'bbb2')
    await tab.waitForFunction(() => document.querySelector('[role=main] [email="bob@example.com"]'))
    await tab.waitForFunction(() =>
      document.querySelector('trialpace-card')?.shadowRoot?.textContent?.includes('Bob Stone'),
    )
    expect(await isShown(tab)).toBe(false)
    await send(tab, 'toggle-card')
    await waitForCard(tab, bob.name)
  })

  it('open the menu to extend, also of a folded card, and extend nothing', async () => {
    const tab = await companion.gmail('/mail/u/0/#inbox/ddd4')
    await waitForCard(tab, dee.name)
    await (await inCard(tab, '.fold')).click()
    await send(tab, 'extend-trial')
    await waitForCard(tab, 'New end:')
    const { body } = await companion.api('GET', '/api/trialists/u-dee')
    expect((body as { extensions: unknown[] }).extensions).toEqual([])
  })

  it('do nothing while someone types', async () => {
    const tab = await companion.gmail('/mail/u/0/#inbox/aaa1')
    await waitForCard(tab, ann.name)
    await tab.click('#reply')
    await send(tab, 'toggle-card')
    await (await inCard(tab, '.history summary')).click()
    await (await inCard(tab, 'textarea')).focus()
    await send(tab, 'toggle-card')
    expect(await isShown(tab)).toBe(true)
  })
})
