/**
 * The host page must never notice us: whatever a browser API throws ends here. A fault is told to the console only
 * when debugging, because error trackers collect what a page logs.
 */
export const guard =
  <Args extends unknown[], Result>(task: (...args: Args) => Result) =>
  (...args: Args): Result | undefined => {
    try {
      const result = task(...args)
      if (result instanceof Promise) result.catch(() => {})
      return result
    } catch {
      return undefined
    }
  }

/** Runs now; undefined when it threw. */
export const attempt = <Result>(task: () => Result): Result | undefined => guard(task)()

/** Listens, guarded; `capture` also hears what does not bubble, such as scrolling inside the page. @returns a function that stops it. */
export function listen(
  target: EventTarget | undefined,
  type: string,
  listener: (event: Event) => void,
  capture = false,
): () => void {
  const guarded = guard(listener)
  attempt(() => target?.addEventListener(type, guarded, capture))
  return () => attempt(() => target?.removeEventListener(type, guarded, capture))
}
