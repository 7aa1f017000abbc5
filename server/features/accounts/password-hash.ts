import { hash, verify } from '@node-rs/argon2'

/** OWASP: argon2id, 19 MiB, two passes, one lane. */
const argon = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

interface PasswordHash {
  of(password: string): Promise<string>
  isOf(passwordHash: string, password: string): Promise<boolean>
}

/**
 * One at a time: each takes tens of milliseconds of a processor and one of the few threads that also inflate bodies
 * and read files, so that many who try to sign in at once would stop everyone else.
 */
export function createPasswordHash(): PasswordHash {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
  return {
    of: (password) => inTurn(() => hash(password, argon)),
    isOf: (passwordHash, password) => inTurn(() => verify(passwordHash, password)),
  }
}
