import { parentPort } from 'node:worker_threads'
import { lowerOwnPriority } from '../../thread-priority.ts'
import type { Envelope } from './parse-mail.ts'
import { type ReadMail, readMail } from './read-mail.ts'

/** Thread that reads email, so that one that would take for ever costs a thread and never the server. */

export interface ReadJob {
  readonly raw: Uint8Array
  readonly envelope: Envelope
  readonly mailDomain: string
}

export type ReadReply = ReadMail | { readonly unreadable: string }

const port = parentPort
if (!port) throw new Error('read-worker runs as a worker thread only')
lowerOwnPriority()

port.on('message', ({ raw, envelope, mailDomain }: ReadJob) => {
  readMail(raw, envelope, mailDomain).then(
    (read) => port.postMessage(read satisfies ReadReply),
    (error: unknown) =>
      port.postMessage({
        unreadable: error instanceof Error ? error.message.slice(0, 200) : 'it could not be read',
      } satisfies ReadReply),
  )
})
port.postMessage('ready')
