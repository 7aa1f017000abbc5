import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { goTo, openDashboard, overflow, violations } from '../support/dashboard-page.ts'
import { type DemoProcess, startDemoProcess } from '../support/demo-process.ts'

/** The editor of emails, as a marketer meets it: in the demo, up to the words in someone’s inbox. */

const demoAdmin = { email: 'demo@boardly.example', password: 'let-me-look-around' }

let demo: DemoProcess
let browser: Browser
beforeAll(async () => {
  ;[demo, browser] = await Promise.all([startDemoProcess(), launchBrowser()])
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

interface Rule {
  readonly id: string
  readonly kind: string
  readonly name?: string
}
const playbook = async () =>
  (await demo.api<{ version: number; playbook: { messages: readonly Rule[] } }>('/api/playbook')) ?? null
const ruleOf = async (kind: string) =>
  (await playbook()).playbook.messages.find((rule) => rule.kind === kind)?.id ?? ''

const open = (options: Parameters<typeof openDashboard>[2] = {}) =>
  openDashboard(browser, { server: { url: demo.url } } as never, { ...demoAdmin, ...options })

/** An email that is not finished yet is refused as a playbook, which is how its faults are known. */
const beside422 = (faults: readonly string[]) => faults.filter((fault) => !fault.includes('status of 422'))

async function openEditor(page: Page, ruleId: string): Promise<void> {
  await goTo(page, `#/content/${ruleId}`)
  await page.waitForSelector('.block-row')
  await page.waitForSelector('.preview-pane .mail-stage')
}

/** Clicks the button, tab or summary that says exactly this, once it can be clicked. */
async function clickText(page: Page, text: string, inside = 'body'): Promise<void> {
  await page.waitForFunction(
    (wanted, within) => {
      const all = document.querySelectorAll<HTMLElement>(
        `${within} :is(button:not(:disabled), .tab, summary, a)`,
      )
      const found = [...all].find((one) => one.textContent?.trim() === wanted)
      found?.click()
      return found !== undefined
    },
    { polling: 50 },
    text,
    inside,
  )
}

const waitForText = (page: Page, text: string, selector = 'body') =>
  page.waitForFunction(
    (wanted, where) => document.querySelector(where)?.textContent?.includes(wanted) ?? false,
    { polling: 50 },
    text,
    selector,
  )

/** The preview says so; its plain text is in the page itself. */
const previewSays = (page: Page, text: string) => waitForText(page, text, '.preview-pane .mail-text')

/** What a screen reader calls an element; runs in the page. */
const nameOf = `(element) => {
  const by = element.getAttribute('aria-labelledby')
  const label = by ? document.getElementById(by) : element.labels?.[0]
  return (element.getAttribute('aria-label') ?? (label ?? element).textContent ?? '').trim()
}`

/** Types over the words of the field that is called so, in the part that is open. */
async function say(page: Page, label: string, text: string, inside = '.inspector'): Promise<void> {
  await page.waitForFunction(
    (name, within, calledText) => {
      const called = new Function(`return ${calledText}`)() as (element: Element) => string
      const fields = [...document.querySelectorAll<HTMLElement>(`${within} :is(textarea, [role=textbox])`)]
      const field = fields.find((one) => called(one) === name)
      field?.focus()
      return field !== undefined && document.activeElement === field
    },
    { polling: 50 },
    label,
    inside,
    nameOf,
  )
  await selectAll(page)
  await page.keyboard.type(text)
}

async function selectAll(page: Page): Promise<void> {
  await page.keyboard.down('Control')
  await page.keyboard.press('a')
  await page.keyboard.up('Control')
}

/** How a row of the list of parts begins. */
const grip = '⠿'

/** Presses Tab until the focus is on what is called so. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press('Tab')
    const name = await page.evaluate((calledText) => {
      const called = new Function(`return ${calledText}`)() as (element: Element) => string
      return document.activeElement ? called(document.activeElement) : ''
    }, nameOf)
    if (name === wanted || (wanted.startsWith(grip) && name.startsWith(wanted))) return
  }
  throw new Error(`Tab never reaches “${wanted}”`)
}
const pressOn = async (page: Page, wanted: string): Promise<void> => {
  await tabTo(page, wanted)
  await page.keyboard.press('Enter')
}

const chooseBlock = (page: Page, id: string) => page.click(`[data-block="${id}"]`)

/** Someone does all three steps and is activated. */
async function activate(userId: string, locale: string): Promise<string> {
  const email = `${userId}@engine.example`
  await demo.api(`/api/trialists/${userId}`, {
    method: 'PUT',
    body: { email, name: userId, locale, timeZone: 'Europe/London' },
  })
  const done = ['Board Created', 'Teammate Invited', 'Card Completed', 'Card Completed', 'Card Completed']
  for (const event of done)
    await demo.api('/v1/track', {
      body: { userId, event, writeKey: demo.secretKey, messageId: `${userId} ${Math.random()}` },
    })
  return email
}

async function publish(page: Page, note: string): Promise<void> {
  const { version } = await playbook()
  await waitForText(page, 'Draft saved')
  await clickText(page, 'Preview impact')
  await waitForText(page, 'would get a different email')
  await page.type('input[placeholder="Why this change?"]', note)
  await clickText(page, `Publish version ${version + 1}`)
  await waitForText(page, 'As published.')
  expect((await playbook()).version).toBe(version + 1)
}

test('the words of an email are changed, translated, seen as several people, tested, published and sent', async () => {
  const { page, faults } = await open()
  const rule = await ruleOf('upgrade_now')
  await openEditor(page, rule)
  await clickText(page, 'Plain text')
  await chooseBlock(page, 'clock')
  await say(page, 'Text', 'Boardly keeps every card of yours.')
  await previewSays(page, 'Boardly keeps every card of yours.')

  // A block with the time they saved.
  await clickText(page, 'Add a part')
  await page.waitForSelector('.add-block .picker-list')
  await page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLElement>('.add-block .picker-list button')]
    all.find((one) => one.textContent?.startsWith('Their numbers'))?.click()
  })
  await page.waitForSelector('.inspector input[type=checkbox]')
  await page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLLabelElement>('.inspector .check')]
    all.find((one) => one.textContent?.includes('minutesSaved'))?.click()
  })
  await previewSays(page, 'status meetings saved')

  // As other people, one after the other.
  const segment = '.reader select'
  await page.select(segment, 'unaware')
  await waitForText(page, 'left out', '.block-nav')
  await page.select(segment, 'exploring')
  await page.waitForFunction(() => !document.querySelector('.preview-pane [aria-busy="true"]'), {
    polling: 50,
  })
  await page.select(segment, 'activated')
  await previewSays(page, 'status meetings saved')

  // Its translation is behind until it is written.
  await clickText(page, 'Languages')
  await waitForText(page, '1 outdated', '.editor-languages')
  await page.select('.editor-languages .row select', 'de')
  await waitForText(page, 'German: 1 outdated')
  await say(page, 'German', 'Boardly behält alle deine Karten.', '.translation:has(.changed-mark)')
  await waitForText(page, 'German: complete')
  await previewSays(page, 'Boardly behält alle deine Karten.')

  await clickText(page, 'Send a test')
  await clickText(page, 'Send test email')
  await waitForText(page, 'The mail server accepted it.', '.test-send')
  expect(
    (await demo.mailsTo(demoAdmin.email)).some(({ text }) =>
      text.includes('Boardly behält alle deine Karten.'),
    ),
  ).toBe(true)

  await clickText(page, 'Compare')
  await waitForText(page, 'clock.text (de): Boardly behält alle deine Karten.', '.changes')
  await publish(page, 'Our own words')
  const [english, inGerman] = [await activate('ada', 'en'), await activate('greta', 'de')]
  const sent = await demo.mailOf(english, 'upgrade_now')
  expect(sent.text).toContain('Boardly keeps every card of yours.')
  expect(sent.text).toContain('status meetings saved')
  expect((await demo.mailOf(inGerman, 'upgrade_now')).text).toContain('Boardly behält alle deine Karten.')
  expect(beside422(faults)).toEqual([])
})

test('an email of one’s own is made, and goes to someone who has stalled', async () => {
  const { page, faults } = await open()
  await goTo(page, '#/content')
  await clickText(page, 'New email')
  await page.waitForSelector('.new-email')
  await page.type('.new-email input', 'Setup help')
  await clickText(page, 'Write it')
  await page.waitForSelector('.block-row')
  await say(page, 'Subject', 'Shall we set it up together?')
  await say(page, 'Preheader', 'Reply with a time that suits you.')
  await chooseBlock(page, 'heading')
  await say(page, 'Text', 'Stuck?')
  await chooseBlock(page, 'text')
  await say(page, 'Text', 'Reply and we set up the first board with you, in ten minutes.')
  await chooseBlock(page, 'button')
  await say(page, 'Label', 'Open Boardly')
  await waitForText(page, 'Stuck?', '.block-nav')
  await publish(page, 'Setup help')
  expect(
    (await playbook()).playbook.messages.some(({ name, kind }) => name === 'Setup help' && kind === 'custom'),
  ).toBe(true)

  const email = 'stella@engine.example'
  await demo.api('/api/trialists/stella', {
    method: 'PUT',
    body: { email, name: 'Stella', locale: 'en', timeZone: 'Europe/London' },
  })
  await demo.api('/v1/track', {
    body: { userId: 'stella', event: 'Board Created', writeKey: demo.secretKey, messageId: 'stella 1' },
  })
  await demo.pass({ advance: '10d' })
  const sent = await demo.mailOf(email, 'custom')
  expect(sent.subject).toBe('Shall we set it up together?')
  expect(sent.text).toContain('we set up the first board with you')
  expect(beside422(faults)).toEqual([])
})

test('the essential path needs no mouse: write, move, take back, publish', async () => {
  const { page, faults } = await open()
  const { version } = await playbook()
  await goTo(page, '#/content')
  await waitForText(page, 'New email')
  await pressOn(page, 'New email')
  await page.waitForSelector('.new-email input')
  await tabTo(page, 'Name')
  await page.keyboard.type('Keyboard news')
  await pressOn(page, 'Write it')
  await page.waitForSelector('.block-row')
  await tabTo(page, 'Subject')
  await page.keyboard.type('News')
  await tabTo(page, 'Preheader')
  await page.keyboard.type('What is new this week.')
  for (const [block, field, words] of [
    ['Heading', 'Text', 'This week'],
    ['Text', 'Text', 'We made boards faster.'],
    ['Button', 'Label', 'Look at it'],
  ] as const) {
    await pressOn(page, grip + block)
    await tabTo(page, field)
    await page.keyboard.type(words)
  }
  const order = () => page.$$eval('[data-block]', (rows) => rows.map((row) => row.getAttribute('data-block')))
  const orderIs = (ids: string) =>
    page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll('[data-block]')].map((row) => row.getAttribute('data-block')).join() ===
        wanted,
      { polling: 50 },
      ids,
    )
  expect(await order()).toEqual(['heading', 'text', 'button', 'signature'])
  await tabTo(page, `${grip}Button: Look at it`)
  const alt = async (key: 'ArrowUp' | 'ArrowDown') => {
    await page.keyboard.down('Alt')
    await page.keyboard.press(key)
    await page.keyboard.up('Alt')
  }
  await alt('ArrowUp')
  await orderIs('heading,button,text,signature')
  await waitForText(page, 'Moved to 2 of 4', '.content-editor [role=status]')
  // The focus went along, so the next key moves the same part.
  await alt('ArrowUp')
  await orderIs('button,heading,text,signature')
  for (const expected of ['heading,button,text,signature', 'heading,text,button,signature']) {
    await page.keyboard.down('Control')
    await page.keyboard.press('z')
    await page.keyboard.up('Control')
    await orderIs(expected)
  }
  await waitForText(page, 'Draft saved')
  await pressOn(page, 'Preview impact')
  await waitForText(page, 'would get a different email')
  await tabTo(page, 'Note')
  await page.keyboard.type('By keyboard')
  await page.keyboard.press('Enter')
  await waitForText(page, 'As published.')
  const published = await playbook()
  expect(published.version).toBe(version + 1)
  expect(published.playbook.messages.some(({ name }) => name === 'Keyboard news')).toBe(true)
  expect(beside422(faults)).toEqual([])
})

describe.each([
  ['light', 1280],
  ['dark', 320],
] as const)('%s and %i px wide', (scheme, width) => {
  test('every view of the editor is without a barrier and without overflow', async () => {
    const { page, faults } = await open({ scheme, width })
    const good = async (view: string) => {
      expect([view, await violations(page)]).toEqual([view, []])
      expect([view, await overflow(page)]).toEqual([view, 0])
    }
    await goTo(page, '#/content')
    await clickText(page, 'New email')
    await page.waitForSelector('.new-email')
    await good('list')
    await openEditor(page, await ruleOf('expiring_activated'))
    await good('subject')
    for (const view of ['Languages', 'When it goes', 'Compare', 'Words']) {
      await clickText(page, view)
      await good(view)
    }
    for (const row of await page.$$eval('[data-block]', (rows) =>
      rows.map((one) => one.getAttribute('data-block')),
    )) {
      await chooseBlock(page, row ?? '')
      await page.waitForSelector('#inspector-title')
      await good(`part ${row}`)
    }
    await clickText(page, 'Add a part')
    await page.waitForSelector('.add-block .picker-list')
    await good('add')
    expect(beside422(faults)).toEqual([])
  })
})

test('a rep may write and look, and is told that an admin publishes', async () => {
  const rep = { email: 'rita@boardly.example', password: 'plum orchard lantern rita' }
  const owner = await open()
  const status = await owner.page.evaluate(
    async (body) => {
      const { csrfToken } = (
        (await (await fetch('/api/session')).json()) as { session: { csrfToken: string } }
      ).session
      const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrfToken }
      return (await fetch('/api/accounts', { method: 'POST', headers, body: JSON.stringify(body) })).status
    },
    { ...rep, name: 'Rita', role: 'rep' },
  )
  expect(status).toBeLessThan(300)
  const { page } = await open(rep)
  await openEditor(page, await ruleOf('welcome'))
  await say(page, 'Subject', 'Good to see you')
  await waitForText(page, 'Good to see you', '.preview-pane')
  await waitForText(page, 'Only admins can publish.')
  await waitForText(page, 'Draft saved')
  await page.reload()
  await page.waitForSelector('.block-row')
  await waitForText(page, 'Good to see you', '.preview-pane')
})
