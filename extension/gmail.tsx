import { render } from 'preact'
import { askWorker } from './ask.ts'
import { browser } from './browser.ts'
import { createCardHost, gmailTheme, replaceOlderCopies } from './card-host.ts'
import { watchCompose } from './compose.ts'
import { mailboxOf, ownAddresses, readCompose, readThread, threadKey } from './gmail-people.ts'
import { createListDots } from './list-dots.ts'
import { App } from './ui/app.tsx'
import { createStore, type Screen } from './ui/store.ts'

/** Content script in Gmail: who is on screen → one card. It holds no token and makes no request itself. */

function screenNow(): Screen | null {
  const found = ownAddresses(document)
  const own = [...found]
  const thread = readThread(document, found)
  if (thread && (thread.people.length > 0 || thread.health === 'lost'))
    return { people: thread.people, threadId: thread.id, health: thread.health, own }
  const people = readCompose(document, found)
  return people.length > 0 ? { people, threadId: null, health: 'good', own } : null
}

const nothingOnScreen: Screen = { people: [], threadId: null, health: 'no_thread' }

/** Where a key types a letter, in Gmail or in the card, it is no shortcut. */
function isTyping(): boolean {
  let focused = document.activeElement
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
  return (
    focused instanceof HTMLElement &&
    (focused.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(focused.tagName))
  )
}

function start(): void {
  const leaving = new AbortController()
  const { signal } = leaving
  const store = createStore(askWorker)
  replaceOlderCopies(document, () => leave(), signal)
  let isStrip = false
  const host = createCardHost(document, signal, {
    standing(standing) {
      isStrip = standing === 'strip'
      draw()
    },
    moved: (place) => mailbox && void askWorker('setPlace', { mailbox, place }),
  })
  const dots = createListDots(document, askWorker)
  const compose = watchCompose(document, signal)
  /** The rep put the card away: it stays away until they call for it. */
  let isPutAway = false

  function leave(): void {
    leaving.abort()
    render(null, host.mount)
    host.remove()
    dots.clear()
  }

  function draw(): void {
    render(
      <App
        store={store}
        ask={askWorker}
        now={Date.now}
        insert={compose.insert}
        move={host.place.move}
        strip={isStrip}
      />,
      host.mount,
    )
  }

  const showOrHide = () => host.setVisible(!isPutAway && store.view().screen !== null)

  /** Each mailbox has its own place for the card. The title names it, and not at once. */
  let mailbox: string | null = null
  async function restorePlace(): Promise<void> {
    const named = mailboxOf(document)
    if (named === null || named === mailbox) return
    mailbox = named
    const reply = await askWorker('place', { mailbox })
    if (reply.ok && named === mailbox && !signal.aborted) host.place.restore(reply.value.place)
  }

  let toldPanel = ''
  function refresh(): void {
    void restorePlace()
    const screen = screenNow()
    store.show(screen)
    showOrHide()
    host.setTheme(gmailTheme(document))
    dots.refresh()
    const told = JSON.stringify(screen)
    if (told === toldPanel) return
    toldPanel = told
    void askWorker('onScreen', screen ?? nothingOnScreen)
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
  // The tab goes elsewhere: the side panel must not go on showing who was here.
  addEventListener('pagehide', () => void askWorker('onScreen', nothingOnScreen), { signal })
  addEventListener(
    'pageshow',
    () => {
      toldPanel = ''
      schedule()
    },
    { signal },
  )

  const commands: Record<string, () => void> = {
    'toggle-card'() {
      if (store.view().screen === null) return
      isPutAway = host.isVisible()
      showOrHide()
    },
    /** Opens the menu and never extends by itself. */
    'extend-trial'() {
      isPutAway = false
      showOrHide()
      const press = (button: string) =>
        host.mount.querySelector<HTMLButtonElement>(`${button}[aria-expanded="false"]`)?.click()
      press('.fold')
      // Once the card is unfolded.
      requestAnimationFrame(() => press('[data-tp="extend"]'))
    },
  }
  const listen = (message: unknown) => {
    const { name, command } = message as { name?: string; command?: string }
    if (name === 'command' && command && !isTyping()) commands[command]?.()
    if (name !== 'settingsChanged') return
    dots.reset()
    store.reload()
  }
  browser.runtime.onMessage.addListener(listen)
  signal.addEventListener('abort', () => browser.runtime.onMessage.removeListener(listen))

  draw()
  host.setVisible(false)
  refresh()
}

// Gmail’s print view is for paper.
if (new URLSearchParams(location.search).get('view') !== 'pt') start()
