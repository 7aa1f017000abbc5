import { type Command, InvalidArgumentError } from 'commander'
import { type CapacityPlan, planCapacity } from '../domain/capacity.ts'
import { print, table } from './output.ts'

export function addCapacityCommand(program: Command): void {
  program
    .command('capacity')
    .description('say what a load takes: cores, memory, disk and database; nothing is asked or stored')
    .requiredOption('--events <n>', 'events a day', countOf)
    .requiredOption('--people <n>', 'trialists whose data is kept, converted ones too', countOf)
    .requiredOption('--emails <n>', 'emails a day', countOf)
    .option('--json', 'one JSON object on stdout')
    .action((options: { events: number; people: number; emails: number; json?: boolean }) => {
      const plan = planCapacity({
        eventsPerDay: options.events,
        people: options.people,
        emailsPerDay: options.emails,
      })
      print(options.json === true, plan, () => describe(plan))
    })
}

const most = 1e12

/** `250000`, `250k`, `1.5M`. */
export function countOf(text: string): number {
  const parts = /^(\d{1,12}(?:\.\d{1,6})?)([kKmMgG]?)$/.exec(text)
  const unit = { k: 1e3, m: 1e6, g: 1e9 }[(parts?.[2] ?? '').toLowerCase()] ?? 1
  const count = Number(parts?.[1]) * unit
  if (!Number.isFinite(count) || count > most)
    throw new InvalidArgumentError('It must be a number such as 250000, 250k or 1.5M.')
  return Math.round(count)
}

function describe(plan: CapacityPlan): string {
  const { processes, mongodb } = plan
  return table([
    ['what', 'needed'],
    ['storage', mongodb ? 'MongoDB' : 'SQLite, one process'],
    ['events a second, at the peak', plan.peakEventsPerSecond.toFixed(1)],
    ['emails a second, at the peak', plan.peakEmailsPerSecond.toFixed(2)],
    ['busy at the peak', `${Math.ceil(plan.busyAtPeak * 100)} % of one core`],
    ...(mongodb ? [['processes', `${processes.web} × ROLE=web, ${processes.worker} × ROLE=worker`]] : []),
    ['cores', String(plan.cores)],
    ['memory', `${plan.memoryMb} MB`],
    [mongodb ? 'disk of the database' : 'disk', `${Math.max(1, Math.ceil(plan.diskGb))} GB`],
    ...(mongodb
      ? [['database', `${mongodb.tier} or as large${mongodb.shards > 1 ? `, ${mongodb.shards} shards` : ''}`]]
      : []),
  ])
}
