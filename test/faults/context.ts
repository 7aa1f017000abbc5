import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineName, MutantName, PlannedTrial, StorageAddress, TestedKind } from './protocol.ts'
import type { Workers } from './worker-process.ts'

/** Leases are short, so that a dead worker’s emails are picked up within a test’s patience. */
export const leaseMs = 250

/** What every scenario works with. */
export interface Context {
  readonly workers: Workers
  readonly engine: EngineName
  readonly mutant?: MutantName | undefined
  /** A database no one has used. */
  freshStorage(): StorageAddress
}

export function createContext(
  workers: Workers,
  engine: EngineName,
  mongodbUri: string | null,
): Context & { close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'trialpace-faults-'))
  const run = `${process.pid}-${Date.now().toString(36)}`
  let count = 0
  return {
    workers,
    engine,
    freshStorage() {
      const name = `faults-${run}-${count++}`
      return engine === 'mongodb' && mongodbUri
        ? { engine: 'mongodb', uri: mongodbUri, dbName: name }
        : { engine: 'sqlite', file: join(folder, `${name}.db`) }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

let planned = 0

/** A trial of that kind whose address names it. */
export function plan(kind: TestedKind, domain = 'customer.example'): PlannedTrial {
  const userId = `${kind.replaceAll('_', '-')}-${planned++}`
  return { kind, userId, address: `${userId}@${domain}` }
}

export const kindOfAddress = (address: string): string => address.replace(/-\d+@.*$/, '').replaceAll('-', '_')
