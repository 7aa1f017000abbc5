import type { Options } from './types.ts'

const tokenMs = 300_000

/** The signed proof of who the user is, asked for anew every few minutes. */
export function createToken(ask: Options['identity']) {
  let token: string | undefined
  let renewAt = 0
  return {
    _now: () => token,
    _renew: async () => {
      if (Date.now() < renewAt) return
      token = await ask!()
      renewAt = Date.now() + tokenMs
    },
    _forget: () => {
      token = undefined
      renewAt = 0
    },
  }
}
