import { parseArgs } from 'node:util'
import { type RunningDemo, startDemo } from './demo.ts'

const help = `npm run demo [-- --keep]

Starts Trialpace with a sample product, an inbox that catches every email, and a clock that can be moved.

  --keep   continue with the data and the time of the last demo that was started with --keep
  --help   this text

PORT (8080, or the next free one) and HOST (127.0.0.1) say where it listens it listens; TRIALPACE_DATA_DIR where its data lies.`

const dateText = (now: number): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' }).format(now)

const describe = ({ url, config, clock, trialists, folder }: RunningDemo): string => `
  Sample app       ${url}/demo/
  Inbox            ${url}/inbox
  Dashboard        ${url}/   ${config.adminEmail} / ${config.adminPassword}

  Write key        ${config.writeKey}
  Secret key       ${config.secretKey}
  Identity secret  ${config.identitySecret}

  Demo time        ${dateText(clock.now())} UTC; move it with
                   curl -d '{"advance":"3d"}' ${url}/demo/api/clock
  Data             ${trialists} trialists in ${folder}
`

/** Runs the demo until a signal ends it. @param args what follows `npm run demo --` or `trialpace demo`. */
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  })
  if (values.help) return void process.stdout.write(`${help}\n`)
  const demo = await startDemo({ env: process.env, keep: values.keep })
  const stop = async () => {
    process.stdout.write('\nStopping …\n')
    await demo.close()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())

  const { port } = demo.config
  if (!process.env.PORT && port !== 8080)
    process.stdout.write(`Port 8080 is in use, so the demo listens on ${port}.\n`)
  process.stdout.write(`${describe(demo)}\nTrialpace demo ready on ${demo.url}\n`)
}
