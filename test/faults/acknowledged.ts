import { trialIdOfUser } from '../../shared/trial.ts'
import { type Context, leaseMs } from './context.ts'
import { emptyVerdict, type Verdict } from './observer.ts'
import type { Job } from './protocol.ts'
import { openStorage, workspaceId } from './world.ts'

const users = 20
const batch = 50
const prefix = 'event'

/**
 * A worker that takes events is killed while it does; the next one gets everything again that had not been
 * acknowledged, and some that had, as a client’s retry would send it. In the end each event counts exactly once.
 */
export async function runAcknowledged(
  context: Context,
  { kills, batches }: { kills: number; batches: number },
): Promise<Verdict & { kills: number; acknowledged: number }> {
  const storage = context.freshStorage()
  const verdict = emptyVerdict()
  const job = (from: number, count: number): Job => ({
    job: 'ingest',
    storage,
    smtpUrl: '',
    now: Date.now(),
    leaseMs,
    users,
    batch,
    prefix,
    from,
    batches: count,
  })
  let upTo = 0
  let done = 0
  for (let round = 0; round < kills; round++) {
    const worker = context.workers.take()
    const killAfter = upTo + batch * (1 + (round % batches))
    worker.onAcknowledged((acknowledged) => {
      if (acknowledged >= killAfter) setTimeout(worker.kill, round % 4)
    })
    // The last acknowledged batch is sent again, too.
    const finished = await worker.run(job(Math.max(0, upTo - batch), 1000 * batches))
    upTo = Math.max(upTo, finished.acknowledged ?? upTo)
    if (finished.signal === 'SIGKILL') done++
    else verdict.findings.push(`ingest ended with ${finished.code}: ${finished.errors}`)
  }
  const last = await context.workers.take().run(job(Math.max(0, upTo - batch), batches))
  upTo = Math.max(upTo, last.acknowledged ?? upTo)
  if (last.code !== 0) verdict.findings.push(`the last ingest ended with ${last.code}: ${last.errors}`)
  await compare(context, storage, upTo, verdict)
  return { ...verdict, kills: done, acknowledged: upTo }
}

async function compare(
  _context: Context,
  address: Parameters<typeof openStorage>[0],
  total: number,
  verdict: Verdict,
): Promise<void> {
  const storage = await openStorage(address)
  for (let user = 0; user < users; user++) {
    const trial = await storage.trials.get(trialIdOfUser(workspaceId, `${prefix}-user-${user}`))
    const counted = trial?.usage.counters['Card Completed']?.count ?? 0
    const sent = Math.floor((total - user + users - 1) / users)
    if (counted === sent) continue
    verdict.lost += Math.max(0, sent - counted)
    verdict.duplicates += Math.max(0, counted - sent)
    verdict.findings.push(`user ${user}: ${sent} events acknowledged, ${counted} counted`)
  }
  await storage.close()
}
