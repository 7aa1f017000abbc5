import { listen } from './guard.ts'
import type { Person } from './person.ts'
import type { Queue } from './queue.ts'
import type { Sender } from './sender.ts'

/** Leaving, coming back, losing and finding the network, and what other tabs write. */
export function followPage(key: string, person: Person, queue: Queue, sender: Sender): void {
  listen(window, 'pagehide', sender._leave)
  listen(window, 'pageshow', (shown) => {
    if (!(shown as PageTransitionEvent).persisted) return
    queue._return()
    queue._watch()
    sender._retryNow()
  })
  listen(document, 'visibilitychange', () => {
    if (document.hidden) sender._flush()
  })
  listen(window, 'online', sender._retryNow)
  listen(window, 'storage', (change) => {
    const changed = (change as StorageEvent).key ?? ''
    if (changed === key) person._reload()
    queue._watch(changed)
  })
}
