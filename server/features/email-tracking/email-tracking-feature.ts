import { join } from 'node:path'
import type { RequestHandler } from 'express'
import { loadCatalog } from '../../locales/catalog.ts'
import { packageRoot } from '../../package-root.ts'
import type { OnEcho } from '../collect/click-echo.ts'
import { createEchoNote } from './note-echo.ts'
import { createSamplePage, type SamplePage } from './sample-page.ts'
import { createSignals, type Signals } from './signals.ts'
import type { TrackingDependencies } from './tracking-context.ts'
import { createTrackingRoutes } from './tracking-routes.ts'
import { createViewingPictures } from './viewing-picture.ts'

export interface EmailTrackingFeature {
  readonly signals: Signals
  readonly onEcho: OnEcho
  /** The pixel, the links and the hosted pages. */
  readonly handler: RequestHandler
  readonly samplePage: SamplePage
  /** Ends the pictures that are being sent. */
  close(): void
}

/** Opens, clicks and what people do on the pages that emails link to. */
export function createEmailTrackingFeature(
  parts: Omit<TrackingDependencies, 'signals' | 'viewing' | 'catalog'>,
): EmailTrackingFeature {
  const signals = createSignals(parts)
  const viewing = createViewingPictures()
  const catalog = loadCatalog(join(packageRoot, 'templates'))
  return {
    signals,
    onEcho: createEchoNote({ ...parts, signals }),
    handler: createTrackingRoutes({ ...parts, signals, viewing, catalog }),
    samplePage: createSamplePage(catalog, parts.publicUrl),
    close: () => viewing.close(),
  }
}
