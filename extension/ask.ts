import { browser } from './browser.ts'
import type { Ask, Reply, RequestName } from './messages.ts'

export type AskWorker = <Name extends RequestName>(name: Name, ask: Ask<Name>) => Promise<Reply<Name>>

/** Asks the worker. Never throws: after an update of the extension the old page can no longer reach it. */
export const askWorker: AskWorker = async <Name extends RequestName>(name: Name, ask: Ask<Name>) => {
  try {
    if (!browser.runtime?.id) throw new Error('the extension was updated')
    const reply = (await browser.runtime.sendMessage({ name, ask })) as Reply<Name> | undefined
    if (!reply) throw new Error('no handler')
    return reply
  } catch {
    return {
      ok: false,
      failure: { code: 'reload', detail: 'The extension was updated. Reload Gmail to continue.' },
    }
  }
}
