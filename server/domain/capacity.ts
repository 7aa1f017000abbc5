/**
 * What a given load takes, from round constants (server/docs/performance.md says which were measured). A plan to start
 * from: the real thing is in `/metrics`.
 */

export interface CapacityLoad {
  readonly eventsPerDay: number
  /** Trialists whose data is kept, converted ones too. */
  readonly people: number
  readonly emailsPerDay: number
}

/** CPU time of one core (3 GHz, virtual), bytes on disk with indexes. */
const assumed = {
  sqlite: { eventUs: 14, eventBytes: 230, personBytes: 9_000 },
  /** Of our process alone; the database works on machines of its own. */
  mongodb: { eventUs: 36, eventBytes: 420, personBytes: 8_000 },
  /** Rendered, signed, handed over, with what comes back from it. */
  emailMs: 12,
  /** Subject, HTML and text as sent, opens and clicks. */
  emailBytes: 45_000,
  idleMb: 90,
  loadedMb: 200,
} as const

/** How long events and the content of emails are kept. */
const keptDays = 396
/** The busiest moment of a day beside its mean. */
const peakFactor = 5
/** Half of a core stays free: for lists, imports, and the hour that is worse than the worst so far. */
const usedShare = 0.5
/** A log that is being moved, a copy being made, blocks that are half full. */
const diskReserve = 1.5
/** Beyond it a copy of the file takes too long to be a backup plan. */
const largestFileGb = 200
/** Of the data, what a database should have in memory: the people, and the newest events. */
const hotDays = 7
const hotShareOfMemory = 0.5

/** By memory, as MongoDB Atlas sells them; any server with as much will do. */
const tiers = [
  { name: 'M10', memoryGb: 2, diskGb: 128 },
  { name: 'M20', memoryGb: 4, diskGb: 255 },
  { name: 'M30', memoryGb: 8, diskGb: 512 },
  { name: 'M40', memoryGb: 16, diskGb: 1_024 },
  { name: 'M50', memoryGb: 32, diskGb: 4_096 },
  { name: 'M60', memoryGb: 64, diskGb: 4_096 },
  { name: 'M80', memoryGb: 128, diskGb: 4_096 },
] as const

export interface CapacityPlan {
  /** `sqlite`: one process and one file are enough. */
  readonly storage: 'sqlite' | 'mongodb'
  readonly peakEventsPerSecond: number
  readonly peakEmailsPerSecond: number
  /** Of one core, at the peak, on the storage that is recommended. */
  readonly busyAtPeak: number
  readonly processes: { readonly web: number; readonly worker: number }
  readonly cores: number
  readonly memoryMb: number
  readonly diskGb: number
  readonly mongodb: { readonly tier: string; readonly shards: number } | null
}

const secondsPerDay = 86_400
const perSecondAtPeak = (perDay: number): number => (perDay / secondsPerDay) * peakFactor

interface Demand {
  readonly webBusy: number
  readonly workerBusy: number
  readonly diskGb: number
}

function demandOn(storage: 'sqlite' | 'mongodb', load: CapacityLoad): Demand {
  const { eventUs, eventBytes, personBytes } = assumed[storage]
  const bytes =
    load.eventsPerDay * keptDays * eventBytes +
    load.people * personBytes +
    load.emailsPerDay * keptDays * assumed.emailBytes
  return {
    webBusy: (perSecondAtPeak(load.eventsPerDay) * eventUs) / 1e6,
    workerBusy: (perSecondAtPeak(load.emailsPerDay) * assumed.emailMs) / 1e3,
    diskGb: (bytes * diskReserve) / 1e9,
  }
}

/** @returns null where even the largest tier is too small for one shard. */
function tierFor(load: CapacityLoad, diskGb: number): { tier: string; shards: number } {
  const { eventBytes, personBytes } = assumed.mongodb
  const hotGb = (load.people * personBytes + load.eventsPerDay * hotDays * eventBytes) / 1e9
  const memoryGb = hotGb / hotShareOfMemory
  const largest = tiers[tiers.length - 1] as (typeof tiers)[number]
  const shards = Math.max(1, Math.ceil(memoryGb / largest.memoryGb), Math.ceil(diskGb / largest.diskGb))
  const fits = tiers.find((tier) => tier.memoryGb >= memoryGb / shards && tier.diskGb >= diskGb / shards)
  return { tier: (fits ?? largest).name, shards }
}

const processesFor = (busy: number): number => Math.max(1, Math.ceil(busy / usedShare))

export function planCapacity(load: CapacityLoad): CapacityPlan {
  const peaks = {
    peakEventsPerSecond: perSecondAtPeak(load.eventsPerDay),
    peakEmailsPerSecond: perSecondAtPeak(load.emailsPerDay),
  }
  const single = demandOn('sqlite', load)
  const busy = single.webBusy + single.workerBusy
  if (busy <= usedShare && single.diskGb <= largestFileGb)
    return {
      storage: 'sqlite',
      ...peaks,
      busyAtPeak: busy,
      processes: { web: 1, worker: 0 },
      // One for the process, one for its threads: checkpoints, long reads, rendering.
      cores: 2,
      memoryMb: assumed.loadedMb * 2,
      diskGb: single.diskGb,
      mongodb: null,
    }
  const { webBusy, workerBusy, diskGb } = demandOn('mongodb', load)
  // Two of each, so that one may stop.
  const processes = { web: Math.max(2, processesFor(webBusy)), worker: Math.max(2, processesFor(workerBusy)) }
  const all = processes.web + processes.worker
  return {
    storage: 'mongodb',
    ...peaks,
    busyAtPeak: webBusy + workerBusy,
    processes,
    cores: all,
    memoryMb: all * assumed.loadedMb,
    diskGb,
    mongodb: tierFor(load, diskGb),
  }
}
