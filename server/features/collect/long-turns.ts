/**
 * Long requests are worked on one in each turn of the event loop. Where the ends of many arrive together, short ones
 * get in between and wait for one of them, not for all.
 */
export function createLongTurns(longBytes: number): (bytes: number) => Promise<void> | null {
  let last: Promise<void> = Promise.resolve()
  const nextTurn = () =>
    new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  return (bytes) => {
    if (bytes < longBytes) return null
    last = last.then(nextTurn)
    return last
  }
}
