import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Asked } from '../../../shared/api/client.ts'
import type { AnswerOf, EndpointName } from '../../../shared/api/endpoints.ts'
import { ApiError, call } from './api.ts'

export type Loaded<T> =
  | { state: 'loading'; data: T | null }
  | { state: 'ready'; data: T }
  | { state: 'failed'; error: ApiError; data: T | null }

const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError({
        type: 'https://trialpace.dev/problems/internal',
        title: 'Something broke',
        status: 500,
        detail: String(error),
      })

type Loading<T> = Loaded<T> & { reload: () => void; set: (data: T) => void }

/**
 * Asks an endpoint, and again whenever the question changes; what was there before stays visible meanwhile. One that
 * is asked by POST must change nothing on the server.
 */
export function useApi<Name extends EndpointName>(
  name: Name,
  ...asked: Asked<Name>
): Loading<AnswerOf<Name>> {
  const question = JSON.stringify(asked[0] ?? {})
  const load = useCallback(
    (signal: AbortSignal) =>
      call(name, ...([{ ...JSON.parse(question), signal }] as Asked<Name, { signal: AbortSignal }>)),
    [name, question],
  )
  return useLoad(load)
}

/**
 * Calls `load` on the first render and whenever it changes. Only the newest request or `set` counts: an answer that
 * arrives after the question changed is dropped, and the state is `loading` from the very render that asks again.
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>): Loading<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading', data: null })
  const [round, setRound] = useState(0)
  const answered = useRef<typeof load | null>(null)
  const running = useRef<AbortController | null>(null)
  useEffect(() => {
    const request = new AbortController()
    running.current = request
    setLoaded((before) => ({ state: 'loading', data: before.data }))
    const settle = (next: (data: T | null) => Loaded<T>) => {
      // `fetch` may already have answered when it is aborted.
      if (request.signal.aborted) return
      answered.current = load
      setLoaded((before) => next(before.data))
    }
    load(request.signal).then(
      (data) => settle(() => ({ state: 'ready', data })),
      (error: unknown) => settle((data) => ({ state: 'failed', error: asApiError(error), data })),
    )
    return () => request.abort()
  }, [load, round])
  const reload = useCallback(() => setRound((n) => n + 1), [])
  const set = useCallback(
    (data: T) => {
      running.current?.abort()
      answered.current = load
      setLoaded({ state: 'ready', data })
    },
    [load],
  )
  // Effects run after the paint: until then, what is in the state answers the question before.
  const current: Loaded<T> = answered.current === load ? loaded : { state: 'loading', data: loaded.data }
  return { ...current, reload, set }
}

/** Something a person set off: at most one at a time, with its error in words. */
export function useAction() {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const run = useCallback(async (work: () => Promise<void>) => {
    setBusy(true)
    setError(null)
    try {
      await work()
    } catch (cause) {
      setError(asApiError(cause))
    } finally {
      setBusy(false)
    }
  }, [])
  return { busy, error, run, setError }
}

/** The part of the address after `#`, e.g. `/trialists/ann`. */
export function useHash(): string {
  const read = () => window.location.hash.replace(/^#/, '') || '/'
  const [hash, setHash] = useState(read)
  useEffect(() => {
    const changed = () => setHash(read())
    window.addEventListener('hashchange', changed)
    return () => window.removeEventListener('hashchange', changed)
  }, [])
  return hash
}

/** Waits until typing has paused. */
export function useSettled<T>(value: T, ms = 250): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}
