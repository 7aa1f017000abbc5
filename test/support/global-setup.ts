import { writeFileSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { findMongo, withoutMongo } from './mongo.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** null: the machine has none; tests on it are skipped and the run says so at its end. */
    mongodb: { uri: string; description: string; genuine: boolean } | null
  }
}

/** Once for a run: finds the MongoDB that all test files share, each in a database of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const mongo = await findMongo()
  project.provide(
    'mongodb',
    mongo && { uri: mongo.uri, description: mongo.description, genuine: mongo.genuine },
  )
  const note = mongo ? `Tested with ${mongo.description}.` : withoutMongo
  console.log(note)
  // For the last lines of `npm test`.
  if (process.env.TRIALPACE_MONGODB_NOTE) writeFileSync(process.env.TRIALPACE_MONGODB_NOTE, note)
  return async () => mongo?.stop()
}
