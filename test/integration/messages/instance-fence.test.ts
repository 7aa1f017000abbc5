import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, expect, it } from 'vitest'
import { createSendingFence, fingerprintOf } from '../../../server/compose/sending-fence.ts'
import { confirmInstance } from '../../../server/storage/instance-fence.ts'
import { openStorage } from '../../../server/storage/open.ts'

const folder = mkdtempSync(join(tmpdir(), 'trialpace-fence-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const open = async (dataDir: string) => {
  const storage = await openStorage({ dataDir })
  const config = { dataDir, mongodbUri: null }
  const fence = await createSendingFence({ storage, config, now: () => 1, log: pino({ level: 'silent' }) })
  return { storage, config, fence }
}

it('lets the home of a database send, over restarts, and a copy of it only once that is confirmed', async () => {
  const home = join(folder, 'home')
  const copy = join(folder, 'copy')
  for (const _start of [1, 2]) {
    const { storage, fence } = await open(home)
    expect(fence.canSend()).toBe(true)
    await storage.close()
  }
  cpSync(home, copy, { recursive: true })
  const restored = await open(copy)
  expect(restored.fence.canSend()).toBe(false)
  await restored.fence.refresh()
  expect(restored.fence.canSend()).toBe(false)
  await confirmInstance(restored.storage, fingerprintOf(restored.config), 2)
  await restored.fence.refresh()
  expect(restored.fence.canSend()).toBe(true)
  await restored.storage.close()
})
