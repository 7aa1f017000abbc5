import type { AskWorker } from '../ask.ts'
import type { Failure, FailureCode } from '../messages.ts'
import type { Store } from './store.ts'

const retryable: ReadonlySet<FailureCode> = new Set(['offline', 'timeout', 'server', 'conflict'])
const settingsHelp: ReadonlySet<FailureCode> = new Set(['no_server', 'no_permission', 'too_old'])

/** What went wrong and what to do about it. Not being signed in is no fault: it is an invitation. */
export function FailureNote({ failure, store, ask }: { failure: Failure; store: Store; ask: AskWorker }) {
  if (failure.code === 'signed_out')
    return (
      <div class="invitation" role="status">
        <p>{failure.detail}</p>
        <button type="button" class="primary" onClick={() => void ask('openOptions', {})}>
          Sign in to Trialpace
        </button>
      </div>
    )
  return (
    <div class="failure" role="alert">
      <p>{failure.detail}</p>
      {retryable.has(failure.code) && (
        <button type="button" class="link" onClick={() => store.reload()}>
          {failure.code === 'conflict' ? 'Show the current state' : 'Try again'}
        </button>
      )}
      {settingsHelp.has(failure.code) && (
        <button type="button" class="link" onClick={() => void ask('openOptions', {})}>
          Open settings
        </button>
      )}
      {failure.code === 'reload' && (
        <button type="button" class="link" onClick={() => location.reload()}>
          Reload Gmail
        </button>
      )}
    </div>
  )
}
