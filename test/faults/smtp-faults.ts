import { hourMs } from '../../shared/clock.ts'
import { createSmtpSink, type SmtpFault, type SmtpStage } from '../support/smtp-sink.ts'
import { type Context, leaseMs, planEither } from './context.ts'
import { addVerdict, emptyVerdict, type Hope, observe, type Verdict } from './observer.ts'
import { testedKinds } from './protocol.ts'
import { openStorage } from './world.ts'

interface Mode {
  readonly name: string
  readonly stage: SmtpStage
  readonly fault: SmtpFault
  /** How many tries of one email it spoils; then the server behaves. */
  readonly times: number
  readonly hope: Hope
}

const delivered: Hope = { endings: ['sent'], copies: 1 }
const refused: Hope = { endings: ['failed'], copies: 0 }
const open: Hope = { endings: ['unknown'], copies: 1 }
/** A connection that breaks while the body streams may break just after the dot has left. */
const deliveredOrOpen: Hope = { endings: ['sent', 'unknown'], copies: 1 }
const always = Number.POSITIVE_INFINITY

const reply = (code: number, text: string): SmtpFault => ({ code, text })

const modes: readonly Mode[] = [
  { name: 'greylisted', stage: 'rcpt', fault: reply(450, '4.2.0 greylisted'), times: 3, hope: delivered },
  { name: 'no-space', stage: 'rcpt', fault: reply(452, '4.2.2 over quota'), times: 1, hope: delivered },
  { name: 'later', stage: 'dot', fault: reply(451, '4.3.0 try again'), times: 2, hope: delivered },
  { name: 'closing', stage: 'dot', fault: reply(421, '4.3.2 shutting down'), times: 1, hope: delivered },
  { name: 'nobody', stage: 'rcpt', fault: reply(550, '5.1.1 no such user'), times: always, hope: refused },
  { name: 'too-big', stage: 'dot', fault: reply(552, '5.3.4 too big'), times: always, hope: refused },
  { name: 'policy', stage: 'dot', fault: reply(554, '5.7.1 blocked'), times: always, hope: refused },
  { name: 'rcpt-drop', stage: 'rcpt', fault: 'drop', times: 1, hope: delivered },
  { name: 'data-drop', stage: 'data', fault: 'drop', times: 1, hope: delivered },
  { name: 'body-drop', stage: 'body', fault: 'drop', times: 1, hope: deliveredOrOpen },
  { name: 'dot-drop', stage: 'dot', fault: 'drop', times: always, hope: open },
  { name: 'dot-lose', stage: 'dot', fault: 'lose', times: always, hope: open },
  { name: 'dot-stall', stage: 'dot', fault: 'stall', times: always, hope: open },
]

/** Faults before the server knows whom the email is for; they hit whatever comes. */
const earlyModes: readonly Mode[] = [
  { name: 'greeting-421', stage: 'greeting', fault: reply(421, 'busy'), times: 2, hope: delivered },
  { name: 'greeting-554', stage: 'greeting', fault: reply(554, 'go away'), times: 2, hope: delivered },
  { name: 'greeting-drop', stage: 'greeting', fault: 'drop', times: 2, hope: delivered },
  { name: 'ehlo-drop', stage: 'ehlo', fault: 'drop', times: 2, hope: delivered },
  { name: 'mail-451', stage: 'mail', fault: reply(451, '4.3.0 later'), times: 2, hope: delivered },
  { name: 'mail-drop', stage: 'mail', fault: 'drop', times: 2, hope: delivered },
]

const domainOf = (address: string): string =>
  address.slice(address.indexOf('@') + 1).replace(/\.example$/, '')

async function runModes(context: Context, chosen: readonly Mode[], fault: FaultOf): Promise<Verdict> {
  const storage = context.freshStorage()
  const sink = await createSmtpSink({ fault })
  const now = Date.now()
  const seed = chosen.flatMap(({ name }) => testedKinds.map((kind) => planEither(kind, `${name}.example`)))
  const addressOf = new Map(seed.map(({ userId, address }) => [userId, address]))
  const base = { storage, smtpUrl: sink.url, now, leaseMs, mutant: context.mutant }
  const finished = await context.workers.take().run({ job: 'send', ...base, seed, until: now + 6 * hourMs })
  const opened = await openStorage(storage)
  const byName = new Map(chosen.map((mode) => [mode.name, mode]))
  const verdict = await observe(opened, finished.expected, sink.ledger, ({ userId }) => {
    const mode = byName.get(domainOf(addressOf.get(userId) ?? ''))
    return mode?.hope ?? delivered
  })
  if (finished.code !== 0) verdict.findings.push(`a worker ended with ${finished.code}: ${finished.errors}`)
  await opened.close()
  await sink.close()
  return verdict
}

type FaultOf = (stage: SmtpStage, session: { to: string }) => SmtpFault | null

/** Spoils the first tries of each address by the mode its domain names. */
function byRecipient(): FaultOf {
  const tries = new Map<string, number>()
  const byName = new Map(modes.map((mode) => [mode.name, mode]))
  return (stage, { to }) => {
    const mode = byName.get(domainOf(to))
    if (!mode || mode.stage !== stage) return null
    const spoiled = tries.get(to) ?? 0
    if (spoiled >= mode.times) return null
    tries.set(to, spoiled + 1)
    return mode.fault
  }
}

const firstTries = ({ stage, fault, times }: Mode): FaultOf => {
  let left = times
  return (at) => (at === stage && left-- > 0 ? fault : null)
}

/** Every refusal and every lost connection that SMTP knows, with every kind of email. */
export async function runSmtpFaults(context: Context, { early }: { early: boolean }): Promise<Verdict> {
  const verdict = emptyVerdict()
  addVerdict(verdict, await runModes(context, modes, byRecipient()))
  for (const mode of early ? earlyModes : [])
    addVerdict(verdict, await runModes(context, [mode], firstTries(mode)))
  return verdict
}
