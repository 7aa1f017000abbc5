import type { Card } from '../shared/api/card.ts'
import { callServer } from './api.ts'
import { account, signIn, signOut } from './auth.ts'
import { browser } from './browser.ts'
import { failureOf, Refused } from './failure.ts'
import { lookUp, remember } from './lookup.ts'
import type { Answer, Ask, ExtensionState, Reply, RequestName } from './messages.ts'
import type { Seen } from './panel-follow.ts'
import { crossOut, type PendingExtension, unfinished, writeDown } from './pending.ts'
import { loadPlace, savePlace } from './places.ts'
import { loadSettings, saveSettings } from './settings.ts'

/** The worker: one map of handlers. It alone has the token and talks to the server. */

interface Sender {
  tabId: number | null
  /** A page of the extension itself, not a content script. */
  trusted: boolean
}
type Handlers = { [Name in RequestName]: (ask: Ask<Name>, sender: Sender) => Promise<Answer<Name>> }

/** A change answers with the person as they are now; the cache must not show the old state again. */
async function changed<T extends { card: Card }>(email: string, request: Promise<T>): Promise<T> {
  const answer = await request
  // Gmail may spell the address in another way than the trialist did.
  await remember({ [email]: answer.card, [answer.card.email]: answer.card })
  return answer
}

async function extend({ key, userId, email, body }: PendingExtension) {
  await writeDown({ key, userId, email, body })
  try {
    const answer = await changed(
      email,
      callServer('POST /api/ext/v1/trials/{userId}/extensions', {
        params: { userId },
        body,
        headers: { 'idempotency-key': key },
      }),
    )
    await crossOut(key)
    return answer
  } catch (error) {
    const failure = failureOf(error)
    // Without an answer it may have been granted: the same key will tell. A refusal is final.
    if (failure.code !== 'timeout' && failure.code !== 'offline') await crossOut(key)
    if (failure.card) await remember({ [email]: failure.card })
    throw error
  }
}

async function state(): Promise<ExtensionState> {
  const [current, settings, session, local] = await Promise.all([
    account(),
    loadSettings(),
    browser.storage.session.get('lookups'),
    browser.storage.local.get('health'),
  ])
  return {
    server: current?.server ?? null,
    signedIn: current !== null,
    rep: current?.rep ?? null,
    settings,
    health: (local.health as ExtensionState['health'] | undefined) ?? null,
    lookups: (session.lookups as ExtensionState['lookups'] | undefined) ?? [],
  }
}

/** Open Gmail tabs look again at once. Without the right to see addresses of tabs, all are told; others do not listen. */
async function tellGmail(): Promise<void> {
  for (const { id } of await browser.tabs.query({}))
    if (id !== undefined)
      void browser.tabs.sendMessage(id, { name: 'settingsChanged' }).catch(() => undefined)
}

const onScreenKey = (tabId: number | null) => `screen.${tabId ?? 'none'}`

const handlers: Handlers = {
  state,
  lookup: lookUp,
  extend,
  undo: ({ userId, email, extensionId }) =>
    changed(
      email,
      callServer('DELETE /api/ext/v1/trials/{userId}/extensions/{id}', {
        params: { userId, id: extensionId },
      }),
    ),
  pause: ({ userId, email, until }) =>
    changed(
      email,
      callServer('POST /api/ext/v1/trials/{userId}/pause', { params: { userId }, body: { until } }),
    ),
  skip: ({ userId, email, ruleId }) =>
    changed(
      email,
      callServer('POST /api/ext/v1/trials/{userId}/skip', { params: { userId }, body: { ruleId } }),
    ),
  note: ({ userId, email, text }) =>
    changed(
      email,
      callServer('POST /api/ext/v1/trials/{userId}/notes', { params: { userId }, body: { text } }),
    ),
  own: ({ userId, email, owner }) =>
    changed(
      email,
      callServer('POST /api/ext/v1/trials/{userId}/owner', { params: { userId }, body: { owner } }),
    ),
  labelReply: ({ userId, email, label }) =>
    changed(
      email,
      callServer('POST /api/ext/v1/trials/{userId}/reply-label', { params: { userId }, body: { label } }),
    ),
  colleagues: ({ userId }) =>
    callServer('GET /api/ext/v1/trials/{userId}/colleagues', { params: { userId } }),
  snippet: ({ userId, id }) =>
    callServer('POST /api/ext/v1/trials/{userId}/snippets/{id}', { params: { userId, id }, body: {} }),
  onScreen: async (screen, { tabId }) => {
    await browser.storage.session.set({ [onScreenKey(tabId)]: screen })
    const { health } = screen
    if (health !== 'no_thread') await browser.storage.local.set({ health: { health, at: Date.now() } })
    return null
  },
  whoIsOnScreen: async ({ windowId }, { tabId }) => {
    const inFront = windowId === undefined ? [] : await browser.tabs.query({ active: true, windowId })
    const id = tabId ?? inFront[0]?.id ?? null
    const stored = await browser.storage.session.get(onScreenKey(id))
    return { tabId: id, screen: (stored[onScreenKey(id)] as Seen['screen'] | undefined) ?? null }
  },
  openPanel: async (_ask, { tabId }) => {
    if (tabId === null || !globalThis.chrome?.sidePanel)
      throw new Refused('not_allowed', 'This browser has no side panel.')
    await globalThis.chrome.sidePanel.open({ tabId })
    return null
  },
  openOptions: async () => {
    await browser.runtime.openOptionsPage()
    return null
  },
  neverLookUp: async ({ entry }) => {
    const settings = await loadSettings()
    return {
      settings: await saveSettings({
        ...settings,
        neverLookUp: [...new Set([...settings.neverLookUp, entry])],
      }),
    }
  },
  lookUpAgain: async ({ entry }) => {
    const settings = await loadSettings()
    const neverLookUp = settings.neverLookUp.filter((listed) => listed !== entry)
    return { settings: await saveSettings({ ...settings, neverLookUp }) }
  },
  place: async ({ mailbox }) => ({ place: await loadPlace(mailbox) }),
  setPlace: async ({ mailbox, place }) => {
    await savePlace(mailbox, place)
    return null
  },
  setCardOpen: async ({ open }) => {
    await saveSettings({ ...(await loadSettings()), cardOpen: open })
    return null
  },
  saveSettings: async ({ settings }) => {
    const saved = await saveSettings(settings)
    void tellGmail()
    return { settings: saved }
  },
  signIn: async ({ server }) => {
    await signIn(server)
    void tellGmail()
    return state()
  },
  signOut: async () => {
    await signOut()
    void tellGmail()
    return state()
  },
}

/** What a content script may not ask: the page it lives in is not ours. */
const trustedOnly: ReadonlySet<RequestName> = new Set(['signIn', 'signOut', 'saveSettings'])

function senderOf(sender: {
  id?: string
  url?: string
  origin?: string
  frameId?: number
  tab?: { id?: number }
}): Sender | null {
  if (sender.id !== browser.runtime.id) return null
  const origin = sender.origin ?? (sender.url ? new URL(sender.url).origin : '')
  const trusted = `${origin}/` === browser.runtime.getURL('')
  if (!trusted && (origin !== 'https://mail.google.com' || sender.frameId !== 0)) return null
  return { tabId: sender.tab?.id ?? null, trusted }
}

async function answer(message: unknown, sender: Sender): Promise<Reply<RequestName>> {
  const { name, ask } = message as { name: RequestName; ask: never }
  try {
    if (!Object.hasOwn(handlers, name))
      throw new Refused('reload', 'Reload Gmail: the extension was updated.')
    if (trustedOnly.has(name) && !sender.trusted)
      throw new Refused('not_allowed', 'Only the settings page may do that.')
    return { ok: true, value: await handlers[name](ask, sender) }
  } catch (error) {
    return { ok: false, failure: failureOf(error) }
  }
}

browser.runtime.onMessage.addListener((message: unknown, sender: unknown) => {
  const from = senderOf(sender as Parameters<typeof senderOf>[0])
  return from ? answer(message, from) : undefined
})

/** Shortcuts are the browser’s, so that people can change them; the page decides what they mean there. */
browser.commands?.onCommand.addListener((command: string, tab?: { id?: number }) => {
  if (tab?.id !== undefined)
    void browser.tabs.sendMessage(tab.id, { name: 'command', command }).catch(() => undefined)
})

browser.tabs.onRemoved.addListener((tabId) => void browser.storage.session.remove(onScreenKey(tabId)))
browser.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === 'install') void browser.runtime.openOptionsPage()
})

/** Content scripts run in the page’s renderer: tokens and cards are not for them to read. */
async function closeStorageToPages(): Promise<void> {
  await Promise.all(
    [globalThis.chrome?.storage.local, globalThis.chrome?.storage.session].map((area) =>
      area?.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' }),
    ),
  )
}

async function finishPending(): Promise<void> {
  for (const action of await unfinished()) await extend(action).catch(() => undefined)
}

// Without this a click on the extension’s icon does nothing; Firefox opens its sidebar by itself.
void globalThis.chrome?.sidePanel?.setPanelBehavior({ openPanelOnActionClick: true })
void closeStorageToPages().then(finishPending)
