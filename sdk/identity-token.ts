import type { Options } from './types.ts'

const tokenMs = 300_000
const retryMs = 30_000
const patienceMs = 3000

/** The signed proof of who the user is, asked for again every few minutes and for each user again. */
export function createToken(ask: Options['identity']) {
  let owner: string | undefined
  let token: string | undefined
  let askAt = 0
  let answer: Promise<string | undefined> | null
  const forget = () => {
    token = undefined
    askAt = 0
  }
  return {
    _now: () => token,
    /** Null when there is nothing to wait for. It waits no longer than its patience: events then go without proof. */
    _renewed: (userId: string | undefined) => {
      if (!ask || !userId) return null
      if (owner !== userId) forget()
      owner = userId
      if (Date.now() > askAt) {
        askAt = Date.now() + retryMs
        answer = new Promise((resolve) => {
          const done = (said?: unknown) => {
            // A page that says "sign in" is no proof, nor is that of someone else.
            if (owner !== userId) return (resolve as () => void)()
            if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(`${said}`)) {
              token = said as string
              askAt = Date.now() + tokenMs
            }
            resolve(token)
          }
          setTimeout(done, patienceMs)
          ;(async () => ask())().then(done, () => done())
        })
      }
      return answer
    },
    _forget: forget,
  }
}
