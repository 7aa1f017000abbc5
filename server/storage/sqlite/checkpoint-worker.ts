import { parentPort, workerData } from 'node:worker_threads'
import Database from 'libsql'

/** Thread that moves the write-ahead log of a database into it, so that no commit has to wait for that. */

export type CheckpointJob = 'pass' | 'close'

/** Frames (pages) that are in the log, and those of them that are in the database too. */
export interface LogState {
  readonly frames: number
  readonly moved: number
}

/** What is written while a pass runs is left for the next; so few are left to the thread that writes. */
const fewFrames = 200
const passesAtOnce = 8

const port = parentPort
if (!port) throw new Error('checkpoint-worker runs as a worker thread only')
const db = new Database((workerData as { file: string }).file)
db.exec('PRAGMA busy_timeout = 0')
db.exec('PRAGMA synchronous = FULL')
db.exec('PRAGMA wal_autocheckpoint = 0')
db.exec('PRAGMA cache_size = -200')

/** Neither waits for anyone nor makes anyone wait. null while another process does the same. */
function moveOnce(): LogState | null {
  const { busy, log, checkpointed } = db.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() as {
    busy: number
    log: number
    checkpointed: number
  }
  return busy === 0 && log >= 0 ? { frames: log, moved: checkpointed } : null
}

function moveUntilFewAreLeft(): LogState | null {
  let state: LogState | null = null
  for (let pass = 0; pass < passesAtOnce; pass++) {
    state = moveOnce()
    if (state === null || state.frames - state.moved <= fewFrames) break
  }
  return state
}

port.on('message', (job: CheckpointJob) => {
  if (job === 'close') {
    db.close()
    port.close()
    return
  }
  let state: LogState | null = null
  try {
    state = moveUntilFewAreLeft()
  } catch {
    // Locked by another process, or the disk is full: the next pass will see.
  }
  port.postMessage(state)
})
