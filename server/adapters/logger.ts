import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino'
import { withoutAddresses } from '../domain/without-addresses.ts'

/** JSON lines. What others say (mail servers, errors) goes in without the addresses they may repeat. */
export const createLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      serializers: {
        err: (error: Error) => withoutAddresses({ ...stdSerializers.err(error) }),
        answer: (answer: unknown) => withoutAddresses(answer),
        why: (why: unknown) => withoutAddresses(why),
      },
    },
    destination,
  )
