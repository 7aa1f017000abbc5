import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type Companion,
  cardText,
  dana,
  inCard,
  openThread,
  startCompanion,
  waitForCard,
} from '../support/companion.ts'
import type { FixtureThread } from '../support/gmail-page.ts'

const ann = { email: 'ann@example.com', name: 'Ann Lee' }
const bob = { email: 'bob@example.com', name: 'Bob Stone' }
const stranger = { email: 'nobody@elsewhere.test', name: 'No Body' }

const threads: FixtureThread[] = [
  {
    id: 'aaa1',
    subject: 'Question',
    messages: [
      { from: ann, to: [dana] },
      { from: dana, to: [ann] },
    ],
  },
  { id: 'bbb2', subject: 'Hello', messages: [{ from: bob, to: [dana], mentions: [ann] }] },
  { id: 'ccc3', subject: 'Spam', messages: [{ from: stranger, to: [dana], mentions: [ann, bob] }] },
  { id: 'ddd4', subject: 'Together', messages: [{ from: stranger, to: [dana], cc: [ann, bob] }] },
]

const aha = ['Board Created', 'Teammate Invited', 'Card Completed', 'Card Completed', 'Card Completed']

let companion: Companion
const gmail = (path?: string) => companion.gmail(path)
const trialEnd = async (userId: string): Promise<number> => {
  const { body } = await companion.api('GET', `/api/trialists/${userId}`)
  return Date.parse((body as { trial: { endsAt: string } }).trial.endsAt)
}
const days = (ms: number) => Math.round(ms / 86_400_000)

beforeAll(async () => {
  companion = await startCompanion(threads)
  await companion.api('PUT', '/api/trialists/u-ann', {
    email: ann.email,
    name: ann.name,
    timeZone: 'Europe/Berlin',
  })
  await companion.api('PUT', '/api/trialists/u-bob', { email: bob.email, name: bob.name })
  await companion.track('u-ann', aha)
  await companion.signIn()
}, 120_000)
afterEach(() => companion.tidy())
afterAll(() => companion?.close())

describe('the card in Gmail', () => {
  it('shows who a thread is from, hides on lists, and follows the route', async () => {
    const tab = await gmail()
    expect(await cardText(tab)).toBeNull()
    await openThread(tab, 'aaa1')
    await waitForCard(tab, 'Ann Lee')
    const text = await cardText(tab)
    expect(text).toContain('Activated')
    expect(text).toContain('Aha moments 3/3')
    expect(text).toContain('Next email')
    await openThread(tab, 'bbb2')
    await waitForCard(tab, 'Bob Stone')
    // Further down she may be named as a colleague.
    const title = await (await inCard(tab, 'h2')).evaluate((heading) => heading.textContent)
    expect(title).not.toContain('Ann Lee')
    await tab.evaluate(() => {
      location.hash = '#inbox'
    })
    await tab.waitForFunction(
      () => document.querySelector<HTMLElement>('trialpace-card')?.style.display === 'none',
    )
  })

  it.each([
    ['every class name scrambled', '/mail/u/0/?scramble#inbox/aaa1'],
    ['markup of 2019', '/mail/u/0/?markup=2019#inbox/aaa1'],
    ['markup of 2019, scrambled', '/mail/u/0/?markup=2019&scramble#inbox/aaa1'],
    ['preview pane', '/mail/u/0/?pane#inbox/aaa1'],
    ['pop-out', '/mail/u/0/?view=btop#inbox/aaa1'],
    ['second account', '/mail/u/1/#inbox/aaa1'],
    ['late rendering', '/mail/u/0/?delay=600#inbox/aaa1'],
  ])('reads the thread with %s', async (_name, path) => {
    const tab = await gmail(path)
    await waitForCard(tab, 'Ann Lee')
  })

  it('takes no one from the text of an email', async () => {
    const tab = await gmail('/mail/u/0/#inbox/ccc3')
    await waitForCard(tab, `${stranger.email} is not a trialist`)
    expect(await cardText(tab)).not.toContain('Ann Lee')
  })

  it('offers everyone in a thread and shows a trialist first', async () => {
    const tab = await gmail('/mail/u/0/#inbox/ddd4')
    await waitForCard(tab, 'Aha moments')
    const chips = await tab.$$eval('trialpace-card >>> .chip', (buttons) =>
      buttons.map((button) => button.textContent),
    )
    expect(chips).toEqual(['No Body', 'Ann Lee', 'Bob Stone'])
    await (await inCard(tab, '.chip:nth-of-type(1)')).isVisible()
    const bobChip = await tab.$('trialpace-card >>> li:nth-child(3) .chip')
    await bobChip?.click()
    await waitForCard(tab, 'Aha moments 0/3')
  })
})

describe('extending', () => {
  it('moves the end by one click and a confirm, and takes it back', async () => {
    const tab = await gmail('/mail/u/0/#inbox/bbb2')
    await waitForCard(tab, 'Bob Stone')
    const before = await trialEnd('u-bob')
    await (await inCard(tab, '[data-tp=extend]')).click()
    await waitForCard(tab, 'New end:')
    await (await inCard(tab, '[data-tp=confirm]')).click()
    await waitForCard(tab, 'Extended to')
    expect(days((await trialEnd('u-bob')) - before)).toBe(7)
    await (await inCard(tab, '.toast button')).click()
    await tab.waitForFunction(
      () => !document.querySelector('trialpace-card')?.shadowRoot?.querySelector('.toast'),
    )
    expect(await trialEnd('u-bob')).toBe(before)
  })

  it('does not take scripted clicks for a rep’s', async () => {
    const tab = await gmail('/mail/u/0/#inbox/bbb2')
    await waitForCard(tab, 'Bob Stone')
    const before = await trialEnd('u-bob')
    await (await inCard(tab, '[data-tp=extend]')).click()
    await waitForCard(tab, 'New end:')
    await tab.$eval('trialpace-card >>> form', (form) =>
      form.dispatchEvent(new SubmitEvent('submit', { cancelable: true, bubbles: true })),
    )
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await trialEnd('u-bob')).toBe(before)
  })

  it('tells how things stand when a colleague was faster', async () => {
    const tab = await gmail('/mail/u/0/#inbox/aaa1')
    await waitForCard(tab, 'Ann Lee')
    await (await inCard(tab, '[data-tp=extend]')).click()
    const { status } = await companion.api('POST', '/api/trialists/u-ann/extensions', {
      days: 3,
      reason: 'colleague',
      note: '',
    })
    expect(status).toBe(201)
    const between = await trialEnd('u-ann')
    await (await inCard(tab, '[data-tp=confirm]')).click()
    await waitForCard(tab, 'changed since you loaded it')
    expect(await trialEnd('u-ann')).toBe(between)
  })

  it('grants one extension when the worker is killed between click and answer', async () => {
    const tab = await gmail('/mail/u/0/#inbox/bbb2')
    await waitForCard(tab, 'Bob Stone')
    const before = await trialEnd('u-bob')
    await (await inCard(tab, '[data-tp=extend]')).click()
    await waitForCard(tab, 'New end:')
    const worker = await companion.worker()
    await Promise.all([(await inCard(tab, '[data-tp=confirm]')).click(), worker.close()])
    const again = await tab.$('trialpace-card >>> [data-tp=confirm]')
    await again?.click().catch(() => undefined)
    await waitForCard(tab, 'Extended to').catch(async () => {
      await (await inCard(tab, '[data-tp=confirm]')).click()
      await waitForCard(tab, 'Extended to')
    })
    expect(days((await trialEnd('u-bob')) - before)).toBe(7)
  })
})

describe('manners', () => {
  it('keeps what is typed away from Gmail’s shortcuts', async () => {
    const tab = await gmail('/mail/u/0/#inbox/aaa1')
    await waitForCard(tab, 'Ann Lee')
    await (await inCard(tab, '.history summary')).click()
    await (await inCard(tab, 'textarea')).type('e#!sz needs more time')
    const text = await tab.$eval('trialpace-card >>> textarea', (area) => (area as HTMLTextAreaElement).value)
    expect(text).toBe('e#!sz needs more time')
    expect(await tab.evaluate(() => document.documentElement.dataset.shortcuts ?? '')).toBe('')
    await (await inCard(tab, '.notes button')).click()
    await waitForCard(tab, 'needs more time')
  })

  it('never shows the wrong person while threads change fast', async () => {
    const tab = await gmail()
    const wrong = await tab.evaluate(async () => {
      const expected: Record<string, string> = { aaa1: 'Ann Lee', bbb2: 'Bob Stone' }
      const wrongs: string[] = []
      const frame = () => new Promise(requestAnimationFrame)
      for (let n = 0; n < 200; n++) {
        const id = n % 2 === 0 ? 'aaa1' : 'bbb2'
        const other = n % 2 === 0 ? 'Bob Stone' : 'Ann Lee'
        location.hash = `#inbox/${id}`
        await new Promise((resolve) => setTimeout(resolve, 35 + (n % 7) * 6))
        // As painted: after every animation callback of a frame.
        await frame()
        await new Promise((resolve) => setTimeout(resolve))
        const subject = document.querySelector('[role=main] h2')?.getAttribute('data-legacy-thread-id')
        const title =
          document.querySelector('trialpace-card')?.shadowRoot?.querySelector('h2')?.textContent ?? ''
        if (subject === id && title.includes(other)) wrongs.push(`${id}: ${title}`)
        if (title && subject === id && !title.includes(expected[id] ?? '')) wrongs.push(`${id}: ${title}`)
      }
      return wrongs
    })
    expect(wrong).toEqual([])
  })

  it('puts a snippet into the open reply, undoable', async () => {
    const tab = await gmail('/mail/u/0/#inbox/aaa1')
    await waitForCard(tab, 'Ann Lee')
    await tab.click('#reply')
    await (await inCard(tab, '.snippets summary')).click()
    await (await inCard(tab, '.snippets button')).click()
    await tab.waitForFunction(() =>
      document.querySelector('[g_editable]')?.textContent?.includes('Your trial of'),
    )
  })

  it('asks nothing about those on the never-look-up list', async () => {
    const options = await companion.extensionPage('options')
    const area = await options.waitForSelector('textarea')
    await area?.type('@elsewhere.test')
    await options.evaluate(() =>
      [...document.querySelectorAll('button')].find((button) => button.textContent === 'Save list')?.click(),
    )
    await options.reload()
    const worker = await companion.worker()
    await companion.forgetCards()
    await worker.evaluate('chrome.storage.session.remove("lookups")')
    const tab = await gmail('/mail/u/0/#inbox/ccc3')
    await new Promise((resolve) => setTimeout(resolve, 800))
    const stored = JSON.stringify(
      await (await companion.worker()).evaluate('chrome.storage.session.get("lookups")'),
    )
    expect(stored).not.toContain('elsewhere')
    expect(await cardText(tab)).not.toContain('is not a trialist')
  })
})
