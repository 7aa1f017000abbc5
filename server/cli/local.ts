import type { Services } from '../compose/services.ts'
import { type Config, configFaultText, readConfig } from '../config.ts'
import type { Storage } from '../storage/port.ts'
import { CommandError, exitCodes } from './output.ts'

/** @throws CommandError naming every wrong setting. */
export function requireConfig(env = process.env): Config {
  const read = readConfig(env)
  if (!read.ok) throw new CommandError(configFaultText(read.faults), exitCodes.usage)
  return read.config
}

/** Works on the database itself, for what must be possible without a running server or a key. */
export async function withServices<T>(
  work: (services: Services, storage: Storage) => Promise<T>,
  config = requireConfig(),
): Promise<T> {
  const { createIds, createServices, defaultPlaybook, openStorage, systemClock } = await import(
    './local-parts.ts'
  )
  const storage = await openStorage({
    dataDir: config.dataDir,
    ...(config.mongodbUri && { mongodbUri: config.mongodbUri }),
  })
  try {
    const services = await createServices({
      config,
      storage,
      clock: systemClock,
      wallClock: systemClock,
      ids: createIds(),
      defaultPlaybook,
      log: { warn: (details, words) => console.error(`${words}: ${JSON.stringify(details)}`) },
    })
    return await work(services, storage)
  } finally {
    await storage.close()
  }
}

/** @throws CommandError when the server has never been started here. */
export function firstWorkspace(services: Services) {
  const [workspace] = services.workspaces.all()
  if (!workspace) throw new CommandError('There is no workspace yet; start the server once.')
  return workspace
}
