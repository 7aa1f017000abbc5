// @vitest-environment jsdom
import { h, render } from 'preact'
import { afterEach, expect, test, vi } from 'vitest'
import { useLoad } from '../../../../server/ui/shared/hooks.ts'

interface Request {
  signal: AbortSignal
  answer: (text: string) => void
  fail: (error: Error) => void
}

/** A question whose answers arrive when the test says so, aborted or not, as a `fetch` that has already answered. */
function question() {
  const requests: Request[] = []
  const load = (signal: AbortSignal) =>
    new Promise<string>((answer, fail) => requests.push({ signal, answer, fail }))
  return { load, requests }
}

/** Renders the hook; `shown` keeps what every single render saw. */
function mount() {
  const root = document.body.appendChild(document.createElement('div'))
  const shown: string[] = []
  let latest: ReturnType<typeof useLoad<string>>
  function Probe({ load }: { load: (signal: AbortSignal) => Promise<string> }) {
    latest = useLoad(load)
    shown.push(`${latest.state} ${latest.data}`)
    return null
  }
  return {
    shown,
    ask: (load: (signal: AbortSignal) => Promise<string>) => render(h(Probe, { load }), root),
    loaded: () => latest,
    leave: () => render(null, root),
  }
}

const asked = (requests: Request[], times = 1) => vi.waitFor(() => expect(requests).toHaveLength(times))

afterEach(() => document.body.replaceChildren())

test('an answer that comes after the question changed is dropped', async () => {
  const [first, second] = [question(), question()]
  const { ask, loaded, shown } = mount()
  ask(first.load)
  await asked(first.requests)
  ask(second.load)
  await asked(second.requests)
  expect(first.requests[0]?.signal.aborted).toBe(true)
  second.requests[0]?.answer('second')
  await vi.waitFor(() => expect(loaded()).toMatchObject({ state: 'ready', data: 'second' }))
  first.requests[0]?.answer('first')
  const third = question()
  ask(third.load)
  await asked(third.requests)
  expect(shown.filter((line) => line.includes('first'))).toEqual([])
  expect(loaded()).toMatchObject({ state: 'loading', data: 'second' })
})

test('no render calls the answer to the question before ready', async () => {
  const [first, second] = [question(), question()]
  const { ask, loaded, shown } = mount()
  ask(first.load)
  await asked(first.requests)
  first.requests[0]?.answer('first')
  await vi.waitFor(() => expect(loaded().state).toBe('ready'))
  shown.length = 0
  ask(second.load)
  await asked(second.requests)
  second.requests[0]?.fail(new Error('away'))
  await vi.waitFor(() => expect(loaded().state).toBe('failed'))
  expect(new Set(shown)).toEqual(new Set(['loading first', 'failed first']))
})

test('what was set wins over a request that began earlier', async () => {
  const { load, requests } = question()
  const { ask, loaded, shown } = mount()
  ask(load)
  await asked(requests)
  loaded().set('saved')
  requests[0]?.answer('older')
  loaded().reload()
  await asked(requests, 2)
  expect(shown.filter((line) => line.includes('older'))).toEqual([])
  requests[1]?.answer('newer')
  await vi.waitFor(() => expect(loaded()).toMatchObject({ state: 'ready', data: 'newer' }))
})

test('an error of a request that was left behind is not shown', async () => {
  const { load, requests } = question()
  const { ask, loaded, leave } = mount()
  ask(load)
  await asked(requests)
  loaded().reload()
  await asked(requests, 2)
  requests[0]?.fail(new Error('aborted'))
  requests[1]?.answer('here')
  await vi.waitFor(() => expect(loaded()).toMatchObject({ state: 'ready', data: 'here' }))
  leave()
  await vi.waitFor(() => expect(requests[1]?.signal.aborted).toBe(true))
})
