import { type ServerProcess, startServer } from './collect-process.ts'
import { createBatches } from './event-batches.ts'
import { type Load, openLoad } from './http-load.ts'
import { type BenchReport, medianOf, medianRow, metAtLeast } from './report.ts'

const eventsPerBatch = 20
const connections = 16
const warmUpMs = 1500
const roundMs = 1500
const rounds = 7

/** Processor time of the server per request, the one figure that other work on the machine hardly bends. */
async function cpuPerRequest(server: ServerProcess, load: Load): Promise<number> {
  const before = await server.usage()
  const { requests } = await load.flood(roundMs)
  const after = await server.usage()
  return (after.cpuUs - before.cpuUs) / requests
}

/** Collect without storage beside `node:http` with `JSON.parse`, in turns in one run. */
export async function run(): Promise<BenchReport> {
  const open = async (kind: 'floor' | 'sink') => {
    const server = await startServer(kind)
    const load = await openLoad(
      server.port,
      '/v1/b',
      connections,
      createBatches({ events: eventsPerBatch, users: 1000 }),
    )
    await load.flood(warmUpMs)
    return { server, load, cpuUs: [] as number[] }
  }
  const floor = await open('floor')
  const ours = await open('sink')
  for (let round = 0; round < rounds; round++)
    for (const each of round % 2 === 0 ? [floor, ours] : [ours, floor])
      each.cpuUs.push(await cpuPerRequest(each.server, each.load))
  for (const { server, load } of [floor, ours]) {
    load.close()
    await server.close()
  }
  const perCore = (cpuUs: readonly number[]) => cpuUs.map((us) => (eventsPerBatch * 1e6) / us)
  const ratios = floor.cpuUs.map((us, round) => us / (ours.cpuUs[round] as number))
  const ratio = medianOf(ratios)
  return {
    bench: 'collect',
    rounds,
    rows: [
      medianRow('node:http + JSON.parse', floor.cpuUs, 'CPU µs/request'),
      medianRow('collect', ours.cpuUs, 'CPU µs/request'),
      medianRow('node:http + JSON.parse', perCore(floor.cpuUs), 'events/s per core'),
      medianRow('collect', perCore(ours.cpuUs), 'events/s per core'),
      medianRow('ratio', ratios, ''),
    ],
    checks: [metAtLeast('events/s per core beside node:http + JSON.parse', ratio, 0.92)],
  }
}
