import { useEffect, useState } from 'preact/hooks'
import type { ArrivedEvent } from '../../../shared/connect.ts'

/** With a number of its own: two events may look alike. */
export type Shown = ArrivedEvent & { readonly n: number }

const kept = 100

/** What arrives from now on, newest first. */
export function useFeed(): { events: readonly Shown[]; isLive: boolean } {
  const [events, setEvents] = useState<readonly Shown[]>([])
  const [isLive, setLive] = useState(false)
  useEffect(() => {
    const source = new EventSource('/api/connect/events')
    let n = 0
    source.onopen = () => setLive(true)
    source.onerror = () => setLive(false)
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as ArrivedEvent
      setEvents((before) => [{ ...event, n: n++ }, ...before].slice(0, kept))
    }
    return () => source.close()
  }, [])
  return { events, isLive }
}
