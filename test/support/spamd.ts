import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accepts, freePort } from './ports.ts'

export interface Spamd {
  readonly url: string
  close(): void
}

const canRun = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** SPAMD_URL, else a daemon of our own with local rules only; null where SpamAssassin is not installed. */
export async function startSpamd(): Promise<Spamd | null> {
  if (process.env.SPAMD_URL) return { url: process.env.SPAMD_URL, close: () => {} }
  if (!canRun('spamd')) return null
  const port = await freePort()
  const home = mkdtempSync(join(tmpdir(), 'spamd-'))
  const daemon: ChildProcess = spawn(
    'spamd',
    [
      '-L',
      '-i',
      '127.0.0.1',
      '-p',
      String(port),
      '-m',
      '2',
      '--min-children=1',
      '-H',
      home,
      '-x',
      '-s',
      'null',
    ],
    { stdio: 'ignore' },
  )
  const close = () => {
    daemon.kill('SIGTERM')
    rmSync(home, { recursive: true, force: true })
  }
  for (let tries = 0; tries < 300; tries++) {
    if (daemon.exitCode !== null) break
    if (await accepts(port)) return { url: `spamd://127.0.0.1:${port}`, close }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  close()
  return null
}
