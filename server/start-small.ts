import { setFlagsFromString } from 'node:v8'

/**
 * Starting a server allocates much and keeps little of it. V8 makes the place for new objects larger meanwhile, up to
 * three times 16 MB, and smaller again only when much is allocated: a server with nothing to do would hold it for
 * ever. While `start` runs it keeps its size; afterwards it grows as it is needed.
 * @param start is to import what it needs by itself, because that too allocates.
 */
export async function startSmall<T>(start: () => Promise<T>): Promise<T> {
  setFlagsFromString('--semi-space-growth-factor=1')
  try {
    return await start()
  } finally {
    setFlagsFromString('--semi-space-growth-factor=2')
  }
}
