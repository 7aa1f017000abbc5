import type { ExtendRequest } from '../shared/api/card.ts'
import { browser } from './browser.ts'

/**
 * A click on "extend" outlives the worker: it is written down before the request leaves and finished under the
 * same key when the worker wakes up, so a killed worker neither loses it nor extends twice.
 */
export interface PendingExtension {
  key: string
  userId: string
  email: string
  body: ExtendRequest
}

const read = async (): Promise<Record<string, PendingExtension>> =>
  ((await browser.storage.session.get('pending')).pending as Record<string, PendingExtension> | undefined) ??
  {}

export async function writeDown(action: PendingExtension): Promise<void> {
  await browser.storage.session.set({ pending: { ...(await read()), [action.key]: action } })
}

export async function crossOut(key: string): Promise<void> {
  const { [key]: _done, ...rest } = await read()
  await browser.storage.session.set({ pending: rest })
}

export const unfinished = async (): Promise<PendingExtension[]> => Object.values(await read())
