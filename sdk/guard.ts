/**
 * The host page must never notice us: whatever a browser API throws ends here, silently, because error trackers
 * collect what a page logs.
 */
export const guard =
  <Args extends unknown[], Result>(task: (...args: Args) => Result) =>
  (...args: Args): Result | undefined => {
    try {
      const result = task(...args)
      // Not by `instanceof`: pages replace Promise.
      ;(result as Promise<unknown> | undefined)?.catch?.(() => {})
      return result
    } catch {
      return undefined
    }
  }

/** Runs now; undefined when it threw. */
export const attempt = <Result>(task: () => Result): Result | undefined => guard(task)()

interface Zoned {
  Zone?: {
    root?: { run<Result>(task: () => Result): Result }
    current?: { wrap<Task>(task: Task): Task }
  }
}

/** Outside of Angular’s zone, which would wait for each of our timers and draw the application again after it. */
export const outside = <Result>(task: () => Result): Result => {
  const zone = (window as Zoned).Zone?.root
  return zone ? zone.run(task) : task()
}

/** A callback of the page runs in the zone in which the page handed it over. */
export const inItsZone = <Task>(task: Task): Task => (window as Zoned).Zone?.current?.wrap(task) ?? task

/** For as long as the page lives. On the way down, which events of the document that do not bubble take as well. */
export const listen = guard((type: string, listener: (event: Event) => void) =>
  addEventListener(type, guard(listener), true),
)
