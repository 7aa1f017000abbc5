import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** Answers a sender that is too fast, later; or hangs up. */
export type LateRefusals = (request: IncomingMessage, answer: () => void) => void

/** The wait is less than what Retry-After says, so that no one who keeps to it waits for longer. */
const usual = { waitMs: 250, mostWaiting: 2000 }

/**
 * Anyone who sends as fast as the answers come gets them a moment later: one connection then makes four requests a second
 * to be refused instead of thousands, and the others have the time. No client of ours sends a second request on a
 * connection before the first is answered; one that does so while it is refused is hung up on, and so is everyone
 * while too many wait.
 */
export function createLateRefusals({ waitMs, mostWaiting } = usual): LateRefusals {
  const waiting = new Set<Socket>()
  return ({ socket }, answer) => {
    if (waiting.has(socket) || waiting.size >= mostWaiting) return void socket.destroy()
    waiting.add(socket)
    const end = () => {
      clearTimeout(timer)
      waiting.delete(socket)
      socket.off('close', end)
    }
    const timer = setTimeout(() => {
      end()
      answer()
    }, waitMs)
    socket.once('close', end)
  }
}
