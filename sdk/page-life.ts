import { listen } from './guard.ts'
import type { Queue } from './queue.ts'
import type { Sender } from './sender.ts'

/** Leaving, coming back, losing and finding the network, and what other tabs write. */
export function followPage(key: string, otherTab: () => void, queue: Queue, sender: Sender): void {
  listen('pagehide', sender._leave)
  listen('pageshow', (shown) => {
    if (!(shown as PageTransitionEvent).persisted) return
    queue._return()
    queue._watch()
    sender._retryNow()
  })
  listen('visibilitychange', () => {
    if (document.hidden) sender._flush()
  })
  listen('online', sender._retryNow)
  listen('storage', (change) => {
    const changed = (change as StorageEvent).key ?? ''
    if (changed === key) otherTab()
    queue._watch(changed)
  })
}
