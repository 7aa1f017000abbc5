import type { Person } from './cast.ts'
import type { Device } from './ledger.ts'
import type { ProgramName } from './shares.ts'

/** How programs name themselves, as seen on the wire in 2026. */

export const browsers = {
  desktop:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  phone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  tablet:
    'Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.7 Mobile/15E148 Safari/604.1',
} as const

export const appleAgent = 'Mozilla/5.0'
export const gmailAgent =
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'
export const gmailAheadAgent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0'
const yahooAgent = 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html'

export interface Program {
  /** null: nobody sees it when a person opens a mail. */
  readonly agent: string | null
  /** Where the picture is asked for from; null: from where the person is. */
  readonly from: string | null
  readonly device: Device
  readonly client: string | null
  readonly isCertain: boolean
  readonly browser: keyof typeof browsers
}

const hidden = { device: 'hidden', client: null, isCertain: false } as const

export const programs: Readonly<Record<ProgramName, Program>> = {
  // The pictures were fetched long before; a person who opens the mail asks the server for nothing.
  applePrivacy: { agent: null, from: null, ...hidden, browser: 'phone' },
  gmail: {
    agent: gmailAgent,
    from: '66.249.84.10',
    device: 'hidden',
    client: 'Gmail',
    isCertain: false,
    browser: 'phone',
  },
  gmailPrefetch: {
    agent: gmailAgent,
    from: '66.249.93.20',
    device: 'hidden',
    client: 'Gmail',
    isCertain: false,
    browser: 'desktop',
  },
  yahoo: {
    agent: yahooAgent,
    from: '74.6.0.30',
    device: 'hidden',
    client: 'Yahoo Mail',
    isCertain: false,
    browser: 'desktop',
  },
  thunderbird: {
    agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.5.0',
    from: null,
    device: 'desktop',
    client: 'Thunderbird',
    isCertain: true,
    browser: 'desktop',
  },
  outlook: {
    agent:
      'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; .NET4.0C; .NET4.0E; Microsoft Outlook 16.0.17928; ms-office; MSOffice 16)',
    from: null,
    device: 'desktop',
    client: 'Outlook',
    isCertain: true,
    browser: 'desktop',
  },
  phone: {
    agent:
      'Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 SamsungEmail/6.1',
    from: null,
    device: 'phone',
    client: 'Samsung Email',
    isCertain: true,
    browser: 'phone',
  },
  tablet: {
    agent:
      'Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Spark/3.20',
    from: null,
    device: 'tablet',
    client: 'Spark',
    isCertain: true,
    browser: 'tablet',
  },
  picturesOff: { agent: null, from: null, ...hidden, browser: 'desktop' },
}

export const browserOf = ({ program }: Person) => browsers[programs[program].browser]
