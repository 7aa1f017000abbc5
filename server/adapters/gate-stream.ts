import { Readable } from 'node:stream'

/** How far one message got. Up to and including `gate` the mail server provably has not completed it. */
export type GateStage = 'waiting' | 'body' | 'gate' | 'dot' | 'refused'

/** Why the stream broke off before the final dot. */
class GateRefused extends Error {
  override readonly name = 'GateRefused'
}

/**
 * A finished message that asks for permission between its last byte and its end. The email library writes the final
 * dot when the stream ends, so while the gate is open the server has the whole body and still nothing to accept;
 * a broken-off stream makes the library close the connection, and the server discards the body (RFC 5321 §4.1.1.4).
 *
 * With a high-water mark of 0 the gate is asked only when the consumer has drained the body and asks for more. A
 * consumer that reads ahead would move the gate away from the dot: pipe it to the socket side, through no PassThrough.
 */
export class GateStream extends Readable {
  stage: GateStage = 'waiting'
  readonly #raw: Buffer
  readonly #gate: () => Promise<boolean>

  constructor(raw: Buffer, gate: () => Promise<boolean>) {
    super({ highWaterMark: 0 })
    this.#raw = raw
    this.#gate = gate
  }

  override _read(): void {
    if (this.stage === 'waiting') {
      this.stage = 'body'
      this.push(this.#raw)
    } else if (this.stage === 'body') {
      this.stage = 'gate'
      void this.#ask()
    }
  }

  async #ask(): Promise<void> {
    let open = false
    let why = 'the gate was closed'
    try {
      open = await this.#gate()
    } catch (error) {
      why = error instanceof Error ? error.message : String(error)
    }
    // Anyone who tore the stream down meanwhile has closed the connection: no dot can follow any more.
    if (this.destroyed) return
    this.stage = open ? 'dot' : 'refused'
    if (open) this.push(null)
    else this.destroy(new GateRefused(why))
  }
}
