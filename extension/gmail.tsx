import { render } from 'preact'
import { askWorker } from './ask.ts'
import { browser } from './browser.ts'
import { createCardHost, gmailTheme, replaceOlderCopies } from './card-host.ts'
import { insertIntoCompose } from './compose.ts'
import { ownAddresses, readCompose, readThread, threadKey } from './gmail-people.ts'
import { createListDots } from './list-dots.ts'
import { App } from './ui/app.tsx'
import { createStore, type Screen } from './ui/store.ts'

/** Content script in Gmail: who is on screen → one card. It holds no token and makes no request itself. */

const leaving = new AbortController()
const { signal } = leaving
const store = createStore(askWorker)
replaceOlderCopies(document, () => leave(), signal)
const host = createCardHost(document, signal)
const dots = createListDots(document, askWorker)

function leave(): void {
  leaving.abort()
  render(null, host.mount)
  host.remove()
  dots.clear()
}

function screenNow(): Screen | null {
  const own = ownAddresses(document)
  const thread = readThread(document, own)
  if (thread && (thread.people.length > 0 || thread.health === 'lost'))
    return { people: thread.people, threadId: thread.id, health: thread.health }
  const people = readCompose(document, own)
  return people.length > 0 ? { people, threadId: null, health: 'good' } : null
}

let toldPanel = ''
function refresh(): void {
  const screen = screenNow()
  store.show(screen)
  host.setVisible(screen !== null)
  host.setTheme(gmailTheme(document))
  dots.refresh()
  const told = JSON.stringify(screen)
  if (told === toldPanel) return
  toldPanel = told
  void askWorker('onScreen', screen ?? { people: [], threadId: null, health: 'no_thread' })
}

/** Gmail renders in many small steps: one look per frame at most. */
let isScheduled = false
function schedule(): void {
  if (isScheduled || signal.aborted) return
  isScheduled = true
  // A tab in the background gets no frames; it is read when it comes to the front.
  requestAnimationFrame(() => {
    isScheduled = false
    if (!signal.aborted) refresh()
  })
}

/** Another thread on screen: the card must not show the one before for even a frame. */
let shownThread: string | null = null
function hasThreadChanged(): boolean {
  const before = shownThread
  shownThread = threadKey(document)
  return shownThread !== before
}

const observer = new MutationObserver((changes) => {
  if (!changes.some(({ target }) => !host.element.contains(target))) return
  if (hasThreadChanged()) refresh()
  else schedule()
})
observer.observe(document.body, {
  childList: true,
  subtree: true,
  attributes: true,
  attributeFilter: ['role', 'email', 'data-hovercard-id', 'hidden', 'aria-hidden'],
})
signal.addEventListener('abort', () => observer.disconnect())
for (const type of ['hashchange', 'popstate'] as const) addEventListener(type, schedule, { signal })
document.addEventListener('visibilitychange', schedule, { signal })

document.addEventListener(
  'keydown',
  (event) => {
    if (!event.isTrusted || !event.altKey || !event.shiftKey) return
    if (event.code === 'KeyT') host.setVisible(!host.isVisible())
    else if (event.code === 'KeyE') openExtendMenu()
    else return
    event.preventDefault()
    event.stopPropagation()
  },
  { signal, capture: true },
)

/** Opens the menu and never extends by itself. */
function openExtendMenu(): void {
  host.setVisible(true)
  const button = host.mount.querySelector<HTMLButtonElement>('[data-tp="extend"][aria-expanded="false"]')
  button?.click()
}

browser.runtime.onMessage.addListener((message: unknown) => {
  if ((message as { name?: string }).name !== 'settingsChanged') return
  dots.reset()
  store.reload()
})

render(
  <App store={store} ask={askWorker} now={Date.now} insert={(text) => insertIntoCompose(document, text)} />,
  host.mount,
)
host.setVisible(false)
refresh()
