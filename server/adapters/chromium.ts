import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Browser, LaunchOptions } from 'puppeteer-core'

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge',
]

const knownPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/** Containers and CI machines give no user namespaces and a tiny /dev/shm. */
const args = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--mute-audio',
  '--force-color-profile=srgb',
]

const canRun = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Where a Chromium is: `CHROME_PATH`, else one on PATH, else one in the usual place of each system.
 * @returns null when none is found.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  if (env.CHROME_PATH) return canRun(env.CHROME_PATH) ? env.CHROME_PATH : null
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
  return [...onPath, ...knownPlaces].find(canRun) ?? null
}

/** What a person has to install before a browser can be started. */
export class NoBrowser extends Error {
  override readonly name = 'NoBrowser'
}

/** The package that steers the browser is loaded here and only here: a server never needs it. */
async function loadPuppeteer() {
  try {
    return (await import('puppeteer-core')).default
  } catch (cause) {
    throw new NoBrowser('The package puppeteer-core is missing. Install it: npm install puppeteer-core@24', {
      cause,
    })
  }
}

/**
 * Starts a headless browser; close it.
 * @throws NoBrowser
 */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath)
    throw new NoBrowser(
      'No Chromium found. Set CHROME_PATH to one, or install it (Debian: apt-get install chromium).',
    )
  const puppeteer = await loadPuppeteer()
  return puppeteer.launch({
    executablePath,
    headless: true,
    ...options,
    args: [...args, ...(options.args ?? [])],
  })
}
