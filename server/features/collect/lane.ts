/** Runs what it is given one after the other. */
export type Lane = <T>(work: () => Promise<T>) => Promise<T>

/**
 * For requests that ask the database once for each of very many people. Everyone who waits for the thread gets it in
 * turns, so a hundred such requests side by side would leave a short one every hundredth turn; in a lane they count
 * as one.
 */
export function createLane(): Lane {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }
}
