import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type EngineName,
  type MutantName,
  type PlannedTrial,
  type StorageAddress,
  type TestedKind,
  testedKinds,
} from './protocol.ts'
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

let count = 0

const planned = (kind: TestedKind, n: number, domain: string, inTeam: boolean): PlannedTrial => {
  const userId = `${kind.replaceAll('_', '-')}-${n}`
  return { kind, userId, address: `${userId}@${domain}`, inTeam }
}

/** A person’s trial of that kind whose address names it. */
export const plan = (kind: TestedKind, domain = 'customer.example'): PlannedTrial =>
  planned(kind, count++, domain, false)

/** The same of persons and companies by turns, of every kind. */
export function planEither(kind: TestedKind, domain = 'customer.example'): PlannedTrial {
  const n = count++
  return planned(kind, n, domain, (n + Math.floor(n / testedKinds.length)) % 2 === 1)
}

export const kindOfAddress = (address: string): string => address.replace(/-\d+@.*$/, '').replaceAll('-', '_')
