/**
 * The host page must never notice us: whatever a browser API throws ends here, silently, because error trackers
 * collect what a page logs.
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

/** For as long as the page lives. */
export const listen = guard((target: EventTarget, type: string, listener: (event: Event) => void) =>
  target.addEventListener(type, guard(listener)),
)
