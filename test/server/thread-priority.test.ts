import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'

/** Of a thread of this process, as Linux tells it. */
function priorityOf(thread: string): number {
  // What follows the name in brackets: man 5 proc, `nice` is the 19th value.
  const [, values = ''] = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')
  return Number(values.split(' ')[16])
}

test('on Linux a thread lowers its own priority, and not that of the main thread', async () => {
  const before = process.platform === 'linux' ? priorityOf(String(process.pid)) : 0
  const { href } = new URL('../../server/thread-priority.ts', import.meta.url)
  const worker = new Worker(
    `import('tsx/esm/api')
      .then(({ tsImport }) => tsImport('${href}', '${href}'))
      .then(({ lowerOwnPriority }) => {
        lowerOwnPriority()
        require('node:worker_threads').parentPort.on('message', () => {}).postMessage('done')
      })`,
    { eval: true },
  )
  await once(worker, 'message')
  if (process.platform === 'linux') {
    // Threads that it starts itself inherit it.
    expect(readdirSync('/proc/self/task').map(priorityOf)).toContain(10)
    expect(priorityOf(String(process.pid))).toBe(before)
  }
  expect(await worker.terminate()).toBe(1)
})
