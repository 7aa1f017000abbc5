import { configFaultText, readConfig } from '../config.ts'
import { createServer } from './server.ts'
import { printMadeSecrets, printSetup, stopOnSignals } from './start-up.ts'

/** A server with the settings of the environment, until a signal stops it. What keeps it from starting ends the process. */
export async function run(): Promise<void> {
  const read = readConfig(process.env)
  if (!read.ok) {
    process.stderr.write(`${configFaultText(read.faults)}\n`)
    process.exit(2)
  }
  try {
    const server = await createServer(read.config)
    printMadeSecrets(server)
    printSetup(server)
    stopOnSignals(server)
  } catch (error) {
    process.stderr.write(
      `Trialpace cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    process.exit(1)
  }
}
