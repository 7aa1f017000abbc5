import { attempt, inItsZone } from './guard.ts'
import type { Signals } from './types.ts'

export interface SignalBus {
  on<Name extends keyof Signals>(name: Name, callback: (detail: Signals[Name]) => void): () => void
  emit<Name extends keyof Signals>(name: Name, detail: Signals[Name]): void
}

/** Subscriptions; a subscriber that throws harms neither the others nor us. */
export function createSignals(): SignalBus {
  let subscriptions: [name: string, callback: (detail: never) => void][] = []
  return {
    on: (name, callback) => {
      const subscription: (typeof subscriptions)[number] = [name, inItsZone(callback)]
      subscriptions.push(subscription)
      return () => {
        subscriptions = subscriptions.filter((it) => it !== subscription)
      }
    },
    emit: (name, detail) => {
      for (const [wanted, callback] of subscriptions)
        if (wanted === name) attempt(() => (callback as (it: typeof detail) => void)(detail))
    },
  }
}
