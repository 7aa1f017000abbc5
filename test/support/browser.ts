import type { Browser, LaunchOptions } from 'puppeteer-core'
import { launchChromium } from '../../server/adapters/chromium.ts'

/** Starts a browser for one test file; close it in `afterAll`. Headless unless `HEADFUL` is set. */
export const launchBrowser = (options: LaunchOptions = {}): Promise<Browser> =>
  launchChromium({ headless: !process.env.HEADFUL, ...options })
