import { createServer } from './compose/server.ts'
import { printMadeSecrets, printSetup, stopOnSignals } from './compose/start-up.ts'
import { configFaultText, readConfig } from './config.ts'

/** `npm start`: the server and nothing else; the command line offers the same as `trialpace start`. */
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
  process.stderr.write(`Trialpace cannot start: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
