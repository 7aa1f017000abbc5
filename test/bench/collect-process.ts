import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** - `floor`: node:http and JSON.parse. - `sink`: collect, stored nowhere. - `sqlite`: collect, durable in a file. */
export type ServerKind = 'floor' | 'sink' | 'sqlite'

export interface Usage {
  /** Processor time so far, user and system, in microseconds. */
  readonly cpuUs: number
  readonly rssBytes: number
}

export interface ServerProcess {
  readonly port: number
  usage(): Promise<Usage>
  close(): Promise<void>
}

/** A server in a process of its own, so that its processor time is its own. */
export async function startServer(kind: ServerKind): Promise<ServerProcess> {
  const script = fileURLToPath(new URL('./collect-server.ts', import.meta.url))
  const child = fork(script, [kind], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const next = <Message>() =>
    new Promise<Message>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Message))
      child.once('exit', (code) => reject(new Error(`the ${kind} server ended with ${code}`)))
    })
  const { port } = await next<{ port: number }>()
  return {
    port,
    usage() {
      const answer = next<Usage>()
      child.send('usage')
      return answer
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.send('close')
      await ended
    },
  }
}
