import { startSmall } from './start-small.ts'

/** `npm start`: the server and nothing else; the command line offers the same as `trialpace start`. */
await startSmall(async () => {
  const { run } = await import('./compose/run.ts')
  await run()
})
