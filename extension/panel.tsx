import { render } from 'preact'
import { askWorker } from './ask.ts'
import { browser } from './browser.ts'
import { follow } from './panel-follow.ts'
import { App } from './ui/app.tsx'
import { Find } from './ui/find.tsx'
import { createStore } from './ui/store.ts'
import { styles } from './ui/styles.ts'

/** Side panel: the same card with history unfolded; works with a typed address when Gmail cannot be read. */

const store = createStore(askWorker)
/** The window that this panel belongs to: what other windows show is not its matter. */
const ownWindow = browser.windows.getCurrent().then(({ id }) => id)
let following: string | null = null

async function followTab(): Promise<void> {
  const reply = await askWorker('whoIsOnScreen', { windowId: await ownWindow })
  if (!reply.ok) return
  const { key, show } = follow(following, reply.value, store.view().screen?.isSearch ?? false)
  following = key
  if (show !== 'as_before') store.show(show)
}

const style = document.createElement('style')
style.textContent = `${styles} body { margin: 0; color-scheme: light dark; }`
document.head.append(style)
const root = document.createElement('main')
root.className = `panel ${matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : ''}`
document.body.append(root)
render(
  <>
    <h1 class="sr">Trialpace</h1>
    <Find search={store.search} />
    <App store={store} ask={askWorker} now={Date.now} insert={null} wide />
  </>,
  root,
)
browser.storage.session.onChanged.addListener((changes: object) => {
  if (Object.keys(changes).some((key) => key.startsWith('screen.'))) void followTab()
})
browser.tabs.onActivated.addListener(({ windowId }) => {
  void ownWindow.then((id) => (windowId === id ? followTab() : undefined))
})
void followTab()
