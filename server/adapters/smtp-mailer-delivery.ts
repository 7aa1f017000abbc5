import { PassThrough, type Readable } from 'node:stream'
import type { SendResult } from '../ports.ts'
import { GateStream } from './gate-stream.ts'
import { resultOfFailure, resultOfSuccess, type SmtpError } from './smtp-mailer-result.ts'

export interface DeliveryLimits {
  dialogueTimeoutMs: number
  gateTimeoutMs: number
  answerTimeoutMs: number
}

/** One email on its way through one SMTP dialogue. */
export interface Delivery {
  /** @param hand gives the email to the library: `open` for its stream, `signal` closes its connection. */
  run(hand: (open: () => Readable, signal: AbortSignal) => Promise<{ response: string }>): Promise<SendResult>
  /** Breaks the email off, unless its final dot may have left. */
  breakOff(why: string): void
}

/**
 * Each stage has its own limit: up to the gate, inside the gate, and from the dot to the answer. Running over the
 * first two leaves the email provably unsent; running over the last leaves it unknown.
 */
export function createDelivery(raw: Buffer, gate: () => Promise<boolean>, limits: DeliveryLimits): Delivery {
  const abort = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let stream = new GateStream(raw, askGate)

  /** The next stage may take this long. */
  function limit(ms: number, why: string): void {
    clearTimeout(timer)
    timer = setTimeout(() => abort.abort(new Error(why)), ms)
  }

  async function askGate(): Promise<boolean> {
    limit(limits.gateTimeoutMs, 'the last check took too long')
    const open = await gate()
    if (abort.signal.aborted) return false
    if (open) limit(limits.answerTimeoutMs, `no answer for ${limits.answerTimeoutMs} ms`)
    return open
  }

  /**
   * The library asks again when a pooled connection turns out to be dead. A message of which a byte was read is
   * never handed out twice.
   */
  function open(): Readable {
    if (stream.stage !== 'waiting')
      return new PassThrough().destroy(new Error('the email has been read before'))
    stream = new GateStream(raw, askGate)
    return stream
  }

  return {
    async run(hand) {
      limit(limits.dialogueTimeoutMs, 'the mail server was too slow')
      try {
        const { response } = await hand(open, abort.signal)
        return resultOfSuccess(response, stream.stage)
      } catch (error) {
        const cause = abort.signal.aborted ? (abort.signal.reason as Error) : (error as SmtpError)
        return resultOfFailure(cause, stream.stage)
      } finally {
        clearTimeout(timer)
        stream.destroy()
      }
    },
    breakOff(why) {
      if (stream.stage !== 'dot') abort.abort(new Error(why))
    },
  }
}
