import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Hold } from './watch-holds.ts'

/**
 * - `floor`: node:http and JSON.parse. - `sink`: collect, stored nowhere. - `sqlite`: collect, durable in a file.
 * - `companies`: `sqlite` where users share the trials of companies, {@link teamSize} each.
 * - `mongo`: collect, in a database of its own at MONGODB_URI.
 */
export type ServerKind = 'floor' | 'sink' | 'sqlite' | 'companies' | 'mongo'

export const teamSize = 50

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
export async function startServer(
  kind: ServerKind,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = fork(await bundledServer(), [kind], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  })
  const next = <Message>() =>
    new Promise<Message>((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`the ${kind} server ended with ${code}`))
      child.once('exit', onExit)
      child.once('message', (message) => {
        child.off('exit', onExit)
        resolve(message as Message)
      })
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

const root = fileURLToPath(new URL('../..', import.meta.url))

const bundledServer = async (): Promise<string> =>
  (await bundle('bench', { 'collect-server': 'test/bench/collect-server.ts' }))('collect-server')

/**
 * The server with all that it has, see `whole-server.ts`, and more entries where they are needed.
 * @returns where an entry is.
 */
export const bundleWholeServer = (more: Readonly<Record<string, string>> = {}) =>
  bundle('bench-whole', {
    'whole-server': 'test/bench/whole-server.ts',
    'read-worker': 'server/features/inbound/read-worker.ts',
    'render-worker': 'server/adapters/render-worker.ts',
    ...more,
  })

/** Bundled as the production server is: a loader that compiles on the fly would be measured too. */
async function bundle(folder: string, entries: Readonly<Record<string, string>>) {
  const outdir = `${root}.cache/${folder}`
  const all = { ...entries, 'checkpoint-worker': 'server/storage/sqlite/checkpoint-worker.ts' }
  await build({
    entryPoints: Object.fromEntries(Object.entries(all).map(([name, path]) => [name, root + path])),
    outdir,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // As the build does: what is imported on demand is loaded on demand.
    splitting: true,
    define: { __VERSION__: '"bench"' },
  })
  return (name: string): string => `${outdir}/${name}.js`
}

/** Asks a server that `fork` has started; how long it held its thread counts from the question before. */
export function usageOf(server: ChildProcess): Promise<Usage & { readonly hold: Hold }> {
  const answer = once(server, 'message')
  server.send('usage')
  return answer.then(([usage]) => usage as Usage & { hold: Hold })
}
