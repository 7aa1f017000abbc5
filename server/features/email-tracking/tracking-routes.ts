import { type ErrorRequestHandler, type Request, type Response, Router, urlencoded } from 'express'
import { withoutPixel } from '../../domain/messages/without-pixel.ts'
import type { Hit } from '../../domain/metrics/classify-hit.ts'
import type { Catalog } from '../../locales/catalog.ts'
import { StorageUnavailable } from '../../storage/port.ts'
import { countHit, findAggregateMail } from './aggregate-hits.ts'
import { clickTarget } from './click-target.ts'
import { extend, showExtend } from './extend-page.ts'
import { findMail } from './mail-record.ts'
import { privateHeaders, sendPage } from './page.ts'
import type { HitRequest } from './signals.ts'
import { answerSurvey, showSurvey } from './survey-page.ts'
import { missingPage, parameter, type TrackingDependencies } from './tracking-context.ts'
import { showUnsubscribe, unsubscribe } from './unsubscribe-page.ts'
import { pixel, selfTestEveryMs } from './viewing-picture.ts'

export type { TrackingDependencies } from './tracking-context.ts'

/** Webmail shows it on a page of its own origin; a browser that may not would hang up at once. */
const pictureHeaders = {
  ...privateHeaders,
  'Content-Type': 'image/gif',
  'Content-Length': String(pixel.length),
  'Cache-Control': 'no-store, no-cache, max-age=0',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}

const hitOf = (
  request: Request,
  at: number,
  { type, token, link = null }: { type: HitRequest['type']; token: string; link?: number | null },
): HitRequest => ({
  type,
  token,
  link,
  at,
  method: request.method,
  userAgent: request.get('user-agent') ?? '',
  address: request.ip ?? '',
})

/** Answers first: an email client waits for the picture, and a 404 would be cached as a broken one. */
function showPixel(
  request: Request,
  response: Response,
  { storage, signals, ids, clock, log }: TrackingDependencies,
) {
  response.status(200).set(pictureHeaders)
  response.end(request.method === 'HEAD' ? undefined : pixel)
  const token = parameter(request, 'token')
  const hit = hitOf(request, clock.now(), { type: 'open', token })
  const record = async () => {
    const mail = await findMail(storage, token)
    if (mail) return signals.hit(mail, hit, ids.uuid(hit.at))
    const aggregate = await findAggregateMail(storage, token)
    if (aggregate) await countHit(storage.documents, aggregate, bareHit(hit))
  }
  record().catch((error: unknown) => log.warn({ err: error, token }, 'an open was not recorded'))
}

/** A proxy that collected the bytes would make all reading equally long; held sockets are of no further use. */
const slowHeaders = { ...pictureHeaders, 'X-Accel-Buffering': 'no', Connection: 'close' }

/** Says how long it was loaded, for an email that was sent with it. */
async function showViewing(
  request: Request,
  response: Response,
  { storage, signals, viewing, ids, clock, log }: TrackingDependencies,
) {
  const token = parameter(request, 'token')
  const hit = hitOf(request, clock.now(), { type: 'view_time', token })
  response.status(200).set(slowHeaders)
  if (request.method === 'HEAD') return void response.end()
  const wanted = findMail(storage, token).then((mail) =>
    mail?.tracking?.viewing === 'individual' ? mail : null,
  )
  const loadedMs = await viewing.show(
    response,
    wanted.then((mail) => mail !== null),
  )
  try {
    const mail = await wanted
    if (mail) await signals.hit(mail, { ...hit, loadedMs }, ids.uuid(hit.at))
  } catch (error) {
    log.warn({ err: error, token }, 'a viewing time was not recorded')
  }
}

/** For everyone, about no one: shows whether the way to this server lets single bytes through. */
async function showSelfTest(_request: Request, response: Response, { viewing }: TrackingDependencies) {
  response.status(200).set(slowHeaders)
  await viewing.show(response, true, selfTestEveryMs)
}

/** Nothing in it says who it was. */
const bareHit = ({ type, link, method, userAgent, at }: HitRequest): Hit => ({
  id: 'hit',
  type,
  at,
  method,
  userAgent,
  network: '',
  link,
  verifiedAt: null,
})

/** A link that many emails share: counted, and led on without a click id. */
async function followShared(
  request: Request,
  response: Response,
  { storage, catalog, log }: TrackingDependencies,
  hit: HitRequest,
): Promise<void> {
  const mail = await findAggregateMail(storage, hit.token)
  const target = mail?.links[hit.link ?? -1]
  if (!mail || target === undefined) return missingPage(request, response, catalog)
  response
    .status(302)
    .set({ ...privateHeaders, Location: clickTarget(mail, target, null) })
    .end()
  await countHit(storage.documents, mail, bareHit(hit)).catch((error: unknown) =>
    log.warn({ err: error }, 'a click was not counted'),
  )
}

/** The target is looked up, never taken from the request: no link of ours can lead where we did not send it. */
async function follow(request: Request, response: Response, dependencies: TrackingDependencies) {
  const { storage, signals, ids, clock, catalog, log } = dependencies
  const token = parameter(request, 'token')
  const link = /^\d{1,3}$/.test(parameter(request, 'link')) ? Number(parameter(request, 'link')) : -1
  const hit = hitOf(request, clock.now(), { type: 'click', token, link })
  const mail = await findMail(storage, token)
  if (!mail) return followShared(request, response, dependencies, hit)
  const target = mail.links[link]
  if (target === undefined) return missingPage(request, response, catalog)
  const clickId = ids.uuid(hit.at)
  response
    .status(302)
    .set({ ...privateHeaders, Location: clickTarget(mail, target, clickId) })
    .end()
  await signals
    .hit(mail, hit, clickId)
    .catch((error: unknown) => log.warn({ err: error, token }, 'a click was not recorded'))
}

/**
 * That a page was asked for: it tells a scanner, which walks all links of an email, from a person, who follows one.
 * Kept where clicks of this email are; it counts as nothing by itself.
 */
async function noteVisit(
  request: Request,
  { storage, signals, ids, clock, log }: TrackingDependencies,
): Promise<void> {
  const token = parameter(request, 'token')
  const [, page = ''] = request.path.split(`/${token}`)
  const hit = hitOf(request, clock.now(), { type: 'visit', token })
  try {
    const mail = await findMail(storage, token)
    if (!mail || (mail.tracking && mail.tracking.clicks !== 'individual')) return
    await signals.hit(
      mail,
      { ...hit, page: `${request.path.slice(1, 2)}${page.slice(0, pageMaxChars)}` },
      ids.uuid(hit.at),
    )
  } catch (error) {
    log.warn({ err: error, token }, 'a visit was not recorded')
  }
}

/** Long enough for the id of any answer. */
const pageMaxChars = 60

/** The email as it was sent, in a sandbox: it may show and link, and nothing else. */
async function view(request: Request, response: Response, { storage, catalog }: TrackingDependencies) {
  const mail = await findMail(storage, parameter(request, 'token'))
  if (!mail) return missingPage(request, response, catalog)
  response
    .status(200)
    .set({
      ...privateHeaders,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy':
        "default-src 'none'; img-src https: http:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
    })
    .send(withoutPixel(mail.html))
}

const failurePage =
  ({ catalog, log }: { catalog: Catalog; log: TrackingDependencies['log'] }): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const isUnavailable = error instanceof StorageUnavailable
    const given = (error as { status?: unknown } | null)?.status
    const isTheirs = typeof given === 'number' && given >= 400 && given < 500
    if (!isUnavailable && !isTheirs) log.error({ err: error }, 'a page behind an email link failed')
    if (response.headersSent) return void response.end()
    const locale = catalog.resolve(request.acceptsLanguages()[0])
    if (isUnavailable) response.set('Retry-After', '30')
    sendPage(response, isUnavailable ? 503 : isTheirs ? given : 500, {
      locale,
      product: null,
      title: locale.text('pages.failed.title'),
      body: locale.text('pages.failed.body'),
    })
  }

/** Everything that emails link to. GET changes nothing but the record of who asked: scanners follow every link. */
export function createTrackingRoutes(dependencies: TrackingDependencies): Router {
  const router = Router({ caseSensitive: true })
  const handle =
    (handler: (request: Request, response: Response, dependencies: TrackingDependencies) => unknown) =>
    (request: Request, response: Response) =>
      handler(request, response, dependencies)
  const page =
    (show: (request: Request, response: Response, dependencies: TrackingDependencies) => Promise<unknown>) =>
    async (request: Request, response: Response) => {
      await show(request, response, dependencies)
      await noteVisit(request, dependencies)
    }
  const form = urlencoded({ extended: false, limit: '16kb', parameterLimit: 20 })

  router.get('/o/:token.gif', handle(showPixel))
  router.get('/d/self-test.gif', handle(showSelfTest))
  router.get('/d/:token.gif', handle(showViewing))
  router.get('/c/:token/:link', handle(follow))
  router.get('/v/:token', page(view))
  router.get('/u/:token', page(showUnsubscribe))
  // Providers post forms of either type, or nothing: the body says nothing we need, so it is not read.
  router.post('/u/:token', handle(unsubscribe))
  router.get('/s/:token/:answer', page(showSurvey))
  router.post('/s/:token/:answer', form, handle(answerSurvey))
  router.get('/x/:token', page(showExtend))
  router.post('/x/:token', form, handle(extend))
  router.use(failurePage(dependencies))
  return router
}
