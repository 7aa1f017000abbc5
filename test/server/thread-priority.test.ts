import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'

/** Of each thread of this process, as Linux tells it. */
const priorities = (): number[] =>
  readdirSync('/proc/self/task').map((thread) => {
    // What follows the name in brackets: man 5 proc, `nice` is the 19th value.
    const [, values = ''] = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')
    return Number(values.split(' ')[16])
  })

test('on Linux a thread lowers its own priority and that of no other', async () => {
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
    const low = priorities().filter((nice) => nice === 10)
    expect(low).toHaveLength(1)
  }
  expect(await worker.terminate()).toBe(1)
})
