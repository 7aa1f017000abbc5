import { useEffect, useState } from 'preact/hooks'
import { request } from './request.ts'

export interface DemoClock {
  /** null until the server has answered once. */
  now: number | null
  moving: boolean
  fault: string | null
  advance(span: string): Promise<void>
}

/** The demo’s clock: asked once a minute and after each jump, ticking by itself in between. */
export function useDemoClock(onMoved: () => void): DemoClock {
  const [offset, setOffset] = useState<number | null>(null)
  const [moving, setMoving] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const [, tick] = useState(0)

  const take = ({ now }: { now: string }) => setOffset(Date.parse(now) - Date.now())
  useEffect(() => {
    const ask = () => request<{ now: string }>('/demo/api/clock').then(take, () => {})
    ask()
    const everySecond = setInterval(() => tick((count) => count + 1), 1000)
    const everyMinute = setInterval(ask, 60_000)
    return () => {
      clearInterval(everySecond)
      clearInterval(everyMinute)
    }
  }, [])

  return {
    now: offset === null ? null : Date.now() + offset,
    moving,
    fault,
    async advance(span) {
      setMoving(true)
      setFault(null)
      try {
        take(await request('/demo/api/clock', { advance: span }))
        onMoved()
      } catch (error) {
        setFault((error as Error).message)
      }
      setMoving(false)
    },
  }
}
