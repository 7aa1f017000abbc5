import bowser from 'bowser'

/** Families by name; anything else a client says about itself is not repeated. */
const browsers: ReadonlySet<string> = new Set([
  'Chrome',
  'Chromium',
  'Firefox',
  'Safari',
  'Microsoft Edge',
  'Opera',
  'Samsung Internet for Android',
  'Vivaldi',
])
const systems: ReadonlySet<string> = new Set(['Windows', 'macOS', 'iOS', 'Android', 'Linux', 'Chrome OS'])
const maxAgentChars = 300

/** By which device a person recognizes a session: families only, neither versions nor addresses. */
export function deviceOf(userAgent: string | undefined): string {
  if (!userAgent) return 'Unknown device'
  const { browser, os } = bowser.parse(userAgent.slice(0, maxAgentChars))
  const browserName = browsers.has(browser.name ?? '') ? browser.name : 'Another browser'
  return systems.has(os.name ?? '') ? `${browserName} on ${os.name}` : `${browserName}`
}
