/**
 * Programs that fetch the images and links of emails, by their user agents. They change: this list was last looked
 * over in November 2026, and test/cases/user-agents.json holds it to known examples.
 */

/** Apple Mail Privacy Protection fetches every image through proxies, read or not. */
export const applePrivacyAgent = /^Mozilla\/5\.0$/

/** Gmail fetches images of emails ahead of any reader with this agent of a browser long gone. */
export const gmailPrefetchAgent = /Chrome\/42\.0\.2311\.135 Safari\/537\.36 Edge\/12\.246 Mozilla\/5\.0/

export const gmailProxyAgent = /GoogleImageProxy|ggpht\.com/
export const yahooProxyAgent = /YahooMailProxy/i

/** Security gateways, link previews and HTTP libraries; matched before the general list of crawlers. */
export const scannerAgent =
  /proofpoint|mimecast|barracuda|trendmicro|symantec|messagelabs|fireeye|forcepoint|sophos|cisco|ironport|zscaler|avanan|checkpoint|cloudmark|bitdefender|safelinks|ms-office|microsoft office existence discovery|microsoftpreview|skypeuripreview|bingpreview|slackbot|facebookexternalhit|whatsapp|telegrambot|twitterbot|linkedinbot|discordbot|headless|phantomjs|puppeteer|playwright|selenium|python|aiohttp|httpx|curl|wget|libwww|okhttp|java\/|go-http-client|node-fetch|axios|undici|apache-httpclient|ruby|perl|php|scrapy|winhttp|powershell/i

export interface MailProgram {
  readonly client: string
  readonly device: 'desktop' | 'phone' | 'tablet' | 'unknown'
}

/** Email programs that show HTML in a web view and say so; the first that fits. */
const programs: readonly (readonly [RegExp, string])[] = [
  [/Thunderbird|Icedove/i, 'Thunderbird'],
  [/Microsoft Outlook|Outlook-(iOS|Android)|OutlookMobile/i, 'Outlook'],
  [/Airmail/i, 'Airmail'],
  [/Superhuman/i, 'Superhuman'],
  [/Spark\//i, 'Spark'],
  [/K-9 Mail|k9mail/i, 'K-9 Mail'],
  [/SamsungEmail|Samsung ?Mail/i, 'Samsung Email'],
  [/YahooMobile|YahooMail\//i, 'Yahoo Mail'],
  [/GmailMobile|Gmail\//i, 'Gmail'],
  [/eM ?Client/i, 'eM Client'],
  [/Evolution\//i, 'Evolution'],
  [/KMail|Kontact/i, 'KMail'],
  [/AppleMail|Mail\/\d.*Darwin/i, 'Apple Mail'],
]

export const mailProgramOf = (userAgent: string): string | null =>
  programs.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null
