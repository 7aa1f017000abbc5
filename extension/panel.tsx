import { render } from 'preact'
import { useState } from 'preact/hooks'
import { parseEmailAddress } from '../shared/trial.ts'
import { askWorker } from './ask.ts'
import { browser } from './browser.ts'
import { App } from './ui/app.tsx'
import { createStore } from './ui/store.ts'
import { styles } from './ui/styles.ts'

/** Side panel: the same card with history unfolded; works with a typed address when Gmail cannot be read. */

const store = createStore(askWorker)

async function follow(): Promise<void> {
  const reply = await askWorker('whoIsOnScreen', {})
  if (reply.ok && reply.value && reply.value.people.length > 0) store.show(reply.value)
}

function Find() {
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')
  const find = (event: SubmitEvent) => {
    event.preventDefault()
    const email = parseEmailAddress(text)
    setFault(email ? '' : 'That is not an e-mail address.')
    if (email) store.show({ people: [{ email, name: null }], threadId: null, health: 'good' })
  }
  return (
    <form class="find" onSubmit={find}>
      <label>
        Find by e-mail
        <input
          type="text"
          inputMode="email"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          aria-invalid={fault !== ''}
        />
      </label>
      <button type="submit">Find</button>
      {fault && <p role="alert">{fault}</p>}
    </form>
  )
}

const style = document.createElement('style')
style.textContent = `${styles} body { margin: 0; color-scheme: light dark; }
.find { display: flex; gap: 8px; align-items: end; padding: 12px 14px 0; font: 13px/1.45 system-ui, sans-serif; flex-wrap: wrap; }`
document.head.append(style)
const root = document.createElement('main')
root.className = `panel ${matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : ''}`
document.body.append(root)
render(
  <>
    <h1 class="sr">Trialpace</h1>
    <Find />
    <App store={store} ask={askWorker} now={Date.now} insert={null} wide />
  </>,
  root,
)
browser.storage.session.onChanged.addListener(() => void follow())
browser.tabs.onActivated.addListener(() => void follow())
void follow()
