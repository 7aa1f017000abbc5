import { attempt } from './guard.ts'
import type { Signals } from './types.ts'

type Callback = (detail: never) => void

/** Subscriptions; a subscriber that throws harms neither the others nor us. */
export interface SignalBus {
  on<Name extends keyof Signals>(name: Name, callback: (detail: Signals[Name]) => void): () => void
  emit<Name extends keyof Signals>(name: Name, detail: Signals[Name]): void
}

export function createSignals(): SignalBus {
  const callbacks = new Map<string, Set<Callback>>()
  return {
    on<Name extends keyof Signals>(name: Name, callback: (detail: Signals[Name]) => void): () => void {
      const those = callbacks.get(name) ?? new Set()
      callbacks.set(name, those.add(callback))
      return () => void those.delete(callback)
    },
    emit<Name extends keyof Signals>(name: Name, detail: Signals[Name]): void {
      callbacks.get(name)?.forEach((callback) => {
        attempt(() => (callback as (detail: Signals[Name]) => void)(detail))
      })
    },
  }
}
