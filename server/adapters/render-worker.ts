import { parentPort, workerData } from 'node:worker_threads'
import type { RenderedMail } from '../ports.ts'
import { createRenderMail, type RenderRequest, type TemplateFiles } from './render-worker-engine.ts'

/** Thread that fills templates, so that one that runs away costs a thread and never the server. */

export interface RenderJob {
  readonly id: number
  readonly request: RenderRequest
}

export type RenderReply =
  | { readonly id: number; readonly ok: true; readonly mail: RenderedMail }
  | { readonly id: number; readonly ok: false; readonly why: string; readonly isLimit: boolean }

const port = parentPort
if (!port) throw new Error('render-worker runs as a worker thread only')
const renderMail = createRenderMail(workerData as TemplateFiles)

port.on('message', ({ id, request }: RenderJob) => {
  let reply: RenderReply
  try {
    reply = { id, ok: true, mail: renderMail(request) }
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    reply = { id, ok: false, why: why ?? '', isLimit: /limit exceeded/.test(why ?? '') }
  }
  port.postMessage(reply)
})
port.postMessage('ready')
