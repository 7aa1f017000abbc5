import type { LocalRules, TrialSnapshot } from '../shared/collect.ts'
import { copy, json } from './json.ts'
import { readJson, type Store } from './storage.ts'
import type { Properties } from './types.ts'
import { uuid7 } from './uuid.ts'

/** What is remembered of the person in this browser, in one entry of the storage. */
export interface Remembered {
  anonymousId?: string | undefined
  userId?: string | undefined
  traits?: Properties | undefined
  rules?: LocalRules | undefined
  trial?: TrialSnapshot | undefined
  /** A nudge is live for this person: fetch the nudge chunk on the next page too. */
  prefetch?: boolean | undefined
  consent?: 'granted' | undefined
}

export interface Person {
  _now: Remembered
  /** What is undefined is left as it is. */
  _patch(change: Remembered): void
  /** Makes one when there is none. */
  _anonymousId(): string
  /** From the storage: another tab may have changed it. */
  _reload(): void
}

export function createPerson(store: Store, key: string): Person {
  const person: Person = {
    _now: {},
    _patch: (change) => {
      person._now = { ...person._now, ...copy(change) }
      store._set(key, json(person._now))
    },
    _anonymousId: () => {
      if (!person._now.anonymousId) person._patch({ anonymousId: uuid7() })
      return person._now.anonymousId!
    },
    _reload: () => {
      person._now = readJson<Remembered>(store, key) ?? person._now
    },
  }
  person._reload()
  return person
}
