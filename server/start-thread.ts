import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** Loaders may add a query. */
const isSource = new URL(import.meta.url).pathname.endsWith('.ts')

/**
 * A worker thread from one of our own files.
 * @param source where it is from here. The built one has its name, and lies beside the entries; this module perhaps
 * one folder deeper, among the shared chunks.
 */
export function startThread(source: `${string}.ts`, options: WorkerOptions): Worker {
  if (isSource) {
    const url = new URL(source, import.meta.url)
    // In tests the thread loads TypeScript itself: Node 20 does not pass loaders on to threads.
    return new Worker(`import('tsx/esm/api').then(({ tsImport }) => tsImport('${url}', '${url}'))`, {
      ...options,
      eval: true,
    })
  }
  const name = source.slice(source.lastIndexOf('/') + 1).replace(/\.ts$/, '.js')
  for (const path of [`./${name}`, `../${name}`]) {
    const url = new URL(path, import.meta.url)
    if (existsSync(fileURLToPath(url))) return new Worker(url, options)
  }
  throw new Error(`${name} is missing beside the server; run the build again`)
}
