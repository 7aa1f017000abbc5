import type { Request, Response } from 'express'
import type { Logger } from 'pino'
import type { TrialId } from '../../../shared/trial.ts'
import type { MailFacts } from '../../domain/metrics/forgetting.ts'
import type { CompiledPlaybook } from '../../domain/playbook/compile.ts'
import { zoneOf } from '../../domain/trial/clock.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Catalog, ResolvedLocale } from '../../locales/catalog.ts'
import type { Clock, Ids } from '../../ports.ts'
import { ownerOfMail } from '../../storage/mail-owner.ts'
import type { Storage } from '../../storage/port.ts'
import type { Playbooks } from '../playbook/playbooks.ts'
import type { MailStop } from '../suppressions/mail-stop.ts'
import type { TrialChanges } from '../trials/change-trial.ts'
import { findMailFacts } from './mail-record.ts'
import { type Page, sendPage } from './page.ts'
import { pageBrand } from './page-brand.ts'
import type { Signals } from './signals.ts'
import type { ViewingPictures } from './viewing-picture.ts'

export interface TrackingDependencies {
  readonly storage: Storage
  readonly changes: TrialChanges
  readonly playbooks: Playbooks
  readonly mailStop: MailStop
  readonly signals: Signals
  readonly viewing: ViewingPictures
  readonly catalog: Catalog
  /** Without a slash at its end. */
  readonly publicUrl: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
}

/** What a link is about: the email, whose it is, and the language to answer in. */
export interface Visit {
  readonly token: string
  readonly mail: MailFacts
  readonly trial: Trial
  /** Where to say what its person does. */
  readonly door: TrialId
  readonly playbook: CompiledPlaybook
  readonly locale: ResolvedLocale
  readonly timeZone: string
  readonly page: (content: Pick<Page, 'title' | 'body' | 'form'>) => Page
}

export const parameter = (request: Request, name: string): string => String(request.params[name] ?? '')

const wishedLocale = (request: Request): string | undefined =>
  request.acceptsLanguages().find((tag) => tag !== '*')

export function missingPage(request: Request, response: Response, catalog: Catalog): void {
  const locale = catalog.resolve(wishedLocale(request))
  sendPage(response, 404, {
    locale,
    product: null,
    title: locale.text('pages.expired.title'),
    body: locale.text('pages.expired.body'),
  })
}

/** @returns null after it has answered that there is no such email. @throws StorageUnavailable */
async function visitOf(
  request: Request,
  response: Response,
  { storage, playbooks, catalog, publicUrl }: TrackingDependencies,
): Promise<Visit | null> {
  const token = parameter(request, 'token')
  const mail = await findMailFacts(storage, token)
  const owner = mail && (await ownerOfMail(storage.trials, mail))
  if (!mail || !owner) {
    missingPage(request, response, catalog)
    return null
  }
  const { trial, door } = owner
  const playbook = playbooks.current(trial.workspaceId)
  const { product } = playbook.playbook
  const locale = catalog.resolve(trial.person.locale ?? product.locale)
  return {
    token,
    mail,
    trial,
    door,
    playbook,
    locale,
    timeZone: zoneOf(trial, playbook),
    page: (content) => ({
      locale,
      product: { name: product.name, url: product.url },
      brand: pageBrand(playbook.playbook, locale, publicUrl),
      ...content,
    }),
  }
}

/** An endpoint that answers with a page about the email of its link, or says that there is no such email. */
export const visitPage =
  (pageOf: (visit: Visit, dependencies: TrackingDependencies, request: Request) => Page | Promise<Page>) =>
  async (request: Request, response: Response, dependencies: TrackingDependencies): Promise<void> => {
    const visit = await visitOf(request, response, dependencies)
    if (visit) sendPage(response, 200, await pageOf(visit, dependencies, request))
  }
