import { LRUCache } from 'lru-cache'
import type { TrialId } from '../../../shared/trial.ts'
import {
  areNeighbours,
  classifyHits,
  gatewayMails,
  type Hit,
  networkOf,
  type Verdict,
} from '../../domain/metrics/classify-hit.ts'
import { type ActSignal, type HitSignal, isHitSignal, type Signal } from '../../domain/metrics/signal.ts'
import type { OutboxMessage, Trial } from '../../domain/trial/model.ts'
import type { Clock, Ids } from '../../ports.ts'
import { type Storage, StorageUnavailable, type Versioned } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { findMail, type MailRecord, messageOf } from './mail-record.ts'

export interface HitRequest {
  readonly type: Hit['type']
  readonly token: string
  readonly link: number | null
  /** Of visits: path of the page, without the token. */
  readonly page?: string
  readonly method: string
  readonly userAgent: string
  readonly address: string
  /** When the request came: a busy database must not make people slower or scanners patient. */
  readonly at: number
  readonly loadedMs?: number | null
}

export interface Signals {
  /** Records and classifies a hit; tells the trial when a person caused it. @returns its id, the click id of links. */
  hit(mail: MailRecord, request: HitRequest, id: string): Promise<void>
  act(token: string, signal: ActSignal): Promise<void>
  /**
   * The browser snippet saw click `clickId` arrive in a visible page of a logged-in person: proof of a human.
   * @returns false when it belongs to no email of this trial.
   */
  confirmClick(trial: Trial, clickId: string): Promise<boolean>
  /** Classifies all hits of one email again. @returns how many verdicts changed. */
  reclassify(token: string): Promise<number>
  /** Called with each trial whose signals have changed. */
  onChanged(listener: (trialId: TrialId) => void): void
}

/** A hit with what was seen of its network at the time. */
type SeenHit = Hit & { readonly otherMails?: number }

const kind = 'signal'
const isHit = (signal: Versioned<Signal>): signal is Versioned<HitSignal> => isHitSignal(signal.body)
const tokenOf = (id: string): string => id.slice(0, id.indexOf('/'))
/** More from one email tell nothing new; anyone who sends them must not fill the disk. */
const maxHits = 200
const maxConflicts = 20
const agentMaxChars = 300
/** Networks remembered for the gateway test. */
const maxNetworks = 5000

interface NetworkClick {
  readonly token: string
  readonly at: number
  /** Its email has been judged in the light of the others. */
  isTold: boolean
}

/** Who clicked where in the last minute, by network; held in memory, because it only has to last a minute. */
function createNeighbours() {
  const clicks = new LRUCache<string, NetworkClick[]>({ max: maxNetworks })
  return {
    note(network: string, click: Omit<NetworkClick, 'isTold'>): void {
      const recent = (clicks.get(network) ?? []).filter(({ at }) => areNeighbours(at, click.at))
      clicks.set(network, [...recent, { ...click, isTold: false }].slice(-50))
    },
    otherMails(network: string, token: string, at: number): string[] {
      const others = (clicks.get(network) ?? []).filter(
        (click) => click.token !== token && areNeighbours(click.at, at),
      )
      return [...new Set(others.map((click) => click.token))]
    },
    /** The other emails that are to be judged again once there are so many; each is named once. */
    untold(network: string, token: string, at: number): string[] {
      if (this.otherMails(network, token, at).length < gatewayMails - 1) return []
      const news = (clicks.get(network) ?? []).filter((click) => !click.isTold && areNeighbours(click.at, at))
      for (const click of news) click.isTold = true
      return [...new Set(news.map((click) => click.token))].filter((other) => other !== token)
    },
  }
}

/** Scanners read emails before their server has said yes, while we wait for it: then it is now. */
function acceptedAt(message: OutboxMessage | null): number | null {
  if (message === null) return null
  const isUnderWay = message.state === 'claimed' || message.state === 'dot'
  return message.sentAt ?? (isUnderWay ? Number.POSITIVE_INFINITY : message.dotAt)
}

interface Judged {
  readonly hits: readonly Versioned<HitSignal>[]
  readonly verdicts: ReadonlyMap<string, Verdict>
}

/** When a person first opened or clicked, as judged now; null: no person has. */
function firstByPerson({ hits, verdicts }: Judged, what: 'open' | 'click'): number | null {
  const instants = hits
    .filter(({ id, body }) => body.type === what && verdicts.get(id)?.actor === 'human')
    .map(({ body }) => body.at)
  return instants.length > 0 ? Math.min(...instants) : null
}

export function createSignals({
  storage,
  changes,
  clock,
  ids,
}: {
  storage: Storage
  changes: TrialChanges
  clock: Clock
  ids: Ids
}): Signals {
  const { documents } = storage
  const neighbours = createNeighbours()
  const listeners: ((trialId: TrialId) => void)[] = []
  const mark = (trialId: TrialId) => {
    for (const listener of listeners) listener(trialId)
  }

  const hitsOf = async (token: string): Promise<Versioned<HitSignal>[]> =>
    (await documents.list(kind, { prefix: `${token}/`, limit: maxHits })).filter(isHit)

  const otherMailsOf = (token: string, hit: SeenHit): number =>
    hit.type === 'click'
      ? Math.max(hit.otherMails ?? 0, neighbours.otherMails(hit.network, token, hit.at).length)
      : 0

  const judge = (
    token: string,
    hits: readonly SeenHit[],
    { acceptedAt, links }: { acceptedAt: number | null; links: number },
  ) =>
    classifyHits(hits, (hit: SeenHit) => ({
      acceptedAt,
      links,
      otherMails: otherMailsOf(token, hit),
    }))

  /**
   * Stores what a later hit has shown about earlier ones.
   * @returns how many verdicts changed; null when another process judged at the same time, and it has to be done again.
   */
  async function storeChanged(
    before: readonly Versioned<HitSignal>[],
    verdicts: ReadonlyMap<string, Verdict>,
  ): Promise<number | null> {
    let changed = 0
    for (const { id, version, body } of before) {
      const verdict = verdicts.get(id)
      const otherMails = otherMailsOf(tokenOf(id), { ...body, id })
      const isSame = JSON.stringify(verdict) === JSON.stringify(body.verdict)
      if (!verdict || (isSame && otherMails === (body.otherMails ?? 0))) continue
      if ((await documents.put(kind, id, { ...body, verdict, otherMails }, version)) === null) return null
      if (!isSame) changed++
    }
    return changed
  }

  async function contextOf(token: string, mail: MailRecord) {
    const trial = await storage.trials.get(mail.trialId)
    return { acceptedAt: trial ? acceptedAt(messageOf(trial, token)) : null, links: mail.links.length, trial }
  }

  /** What the trial says of an email follows every new judgement, also back: a click may turn out to be a machine’s. */
  async function tellTrial(
    mail: MailRecord,
    trial: Trial | null,
    token: string,
    judged: Judged,
  ): Promise<void> {
    const message = trial && messageOf(trial, token)
    if (!trial || !message) return
    const known = { open: message.openedAt, click: message.clickedAt }
    for (const what of ['open', 'click'] as const) {
      const at = firstByPerson(judged, what)
      if (at === known[what]) continue
      const isNews = at !== null && (known[what] === null || at < known[what])
      await changes.change(
        trial.id,
        isNews
          ? { type: 'evidence', key: mail.key, what, at }
          : { type: 'retractEvidence', key: mail.key, what, at },
      )
    }
  }

  /** The click that gives a gateway away also says who clicked in the emails before. */
  async function judgeNeighbours(token: string, { network, at }: Hit): Promise<void> {
    for (const other of neighbours.untold(network, token, at)) await reclassify(other)
  }

  /** All hits of one email, judged together as they are stored now. */
  async function judgeMail(
    token: string,
    context: { acceptedAt: number | null; links: number },
  ): Promise<Judged & { changed: number }> {
    let changed = 0
    for (let tries = 0; tries < maxConflicts; tries++) {
      const hits = await hitsOf(token)
      const verdicts = judge(
        token,
        hits.map(({ id, body }) => ({ ...body, id })),
        context,
      )
      const stored = await storeChanged(hits, verdicts)
      if (stored !== null) return { hits, verdicts, changed: changed + stored }
      changed++
    }
    throw new StorageUnavailable(
      `the hits of one email could not be judged: ${maxConflicts} conflicts in a row`,
    )
  }

  async function reclassify(token: string): Promise<number> {
    const mail = await findMail(storage, token)
    if (!mail) return 0
    const context = await contextOf(token, mail)
    const { changed, ...judged } = await judgeMail(token, context)
    await tellTrial(mail, context.trial, token, judged)
    if (changed > 0) mark(mail.trialId)
    return changed
  }

  const verify = (id: string): Promise<unknown> =>
    updateDocument(documents, kind, id, (click) =>
      click && isHitSignal(click) && click.verifiedAt === null ? { ...click, verifiedAt: clock.now() } : null,
    )

  return {
    async hit(mail, { type, token, link, page, method, userAgent, address, at, loadedMs }, id) {
      const before = await hitsOf(token)
      const context = await contextOf(token, mail)
      if (before.length >= maxHits || context.trial?.person.consent.tracking === false) return
      const hit: Hit = {
        id: `${token}/${id}`,
        type,
        at,
        method,
        userAgent: userAgent.slice(0, agentMaxChars),
        network: networkOf(address),
        link,
        verifiedAt: null,
        ...(page !== undefined && { page }),
        ...(loadedMs !== undefined && { loadedMs }),
      }
      if (type === 'click') neighbours.note(hit.network, { token, at })
      const first = judge(token, [...before.map((known) => ({ ...known.body, id: known.id })), hit], context)
      const { id: _, ...raw } = hit
      await documents.put(kind, hit.id, {
        ...raw,
        trialId: mail.trialId,
        key: mail.key,
        verdict: first.get(hit.id) as Verdict,
        otherMails: otherMailsOf(token, hit),
      })
      // Judged again with all that is stored now: a scanner’s requests come at the same time, on many connections.
      const judged = await judgeMail(token, context)
      mark(mail.trialId)
      if (type === 'click') await judgeNeighbours(token, hit)
      await tellTrial(mail, context.trial, token, judged)
    },
    async act(token, signal) {
      await documents.put(kind, `${token}/${ids.uuid(clock.now())}`, signal)
      mark(signal.trialId)
    },
    async confirmClick(trial, clickId) {
      for (const { token } of trial.outbox) {
        if (token === null) continue
        const found = await documents.get(kind, `${token}/${clickId}`)
        if (found?.body.type !== 'click') continue
        await verify(found.id)
        await reclassify(token)
        mark(trial.id)
        return true
      }
      return false
    },
    reclassify,
    onChanged: (listener) => void listeners.push(listener),
  }
}
