import type { ServerResponse } from 'node:http'
import { secondMs } from '../../../shared/clock.ts'

/** One transparent pixel; the same bytes for everyone, known token or not. */
export const pixel = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')

/** The last bytes of the picture come one by one, `everyMs` apart. */
const slowBytes = 10
const firstBytes = pixel.length - slowBytes

/** 20 s in all: anyone who is still there then has read the email, or never meant to. */
const everyMs = 2 * secondMs
/** For the self-test: slow enough that pieces stay pieces, quick enough to wait for. */
export const selfTestEveryMs = 150
const maxHeld = 2000

/**
 * A picture that is sent so slowly that it never gets done while someone looks: an email client stops loading when its
 * reader turns away, and the moment tells how long was looked. One socket is held for each.
 */
export interface ViewingPictures {
  /**
   * Sends the first bytes at once, and goes on slowly where that is wanted.
   * @returns how many milliseconds it was loaded; null when that says nothing, because the end came from our side.
   */
  show(
    response: ServerResponse,
    isWanted: Promise<boolean> | boolean,
    paceMs?: number,
  ): Promise<number | null>
  /** Ends all that are held, and holds no more. */
  close(): void
}

export function createViewingPictures({
  paceMs = everyMs,
  most = maxHeld,
  now = () => performance.now(),
}: {
  paceMs?: number
  /** Beyond so many at a time a picture comes at once and is not measured. */
  most?: number
  now?: () => number
} = {}): ViewingPictures {
  const held = new Set<() => void>()
  let isClosed = false

  return {
    async show(response, isWanted, pace = paceMs) {
      const startedAt = now()
      let sent = firstBytes
      response.write(pixel.subarray(0, sent))
      return new Promise((resolve) => {
        let isOver = false
        let timer: NodeJS.Timeout | undefined
        const settle = (ms: number | null) => {
          isOver = true
          clearInterval(timer)
          held.delete(finish)
          resolve(ms)
        }
        const finish = () => {
          settle(null)
          response.end(pixel.subarray(sent))
        }
        const goOn = () => {
          if (sent === pixel.length - 1) finish()
          else response.write(pixel.subarray(sent, ++sent))
        }
        const hold = (wanted: boolean) => {
          if (isOver) return
          if (!wanted || isClosed || held.size >= most) return finish()
          held.add(finish)
          timer = setInterval(goOn, pace)
        }
        response.on('close', () => settle(now() - startedAt))
        // A write into a socket that has just gone is no news.
        response.on('error', () => undefined)
        Promise.resolve(isWanted).then(hold, () => hold(false))
      })
    },
    close() {
      isClosed = true
      for (const finish of [...held]) finish()
    },
  }
}
