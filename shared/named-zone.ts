import { isTimeZone } from './time-zone.ts'

/**
 * Windows, Exchange and Office 365 name zones in their own way; by the territory that Unicode’s CLDR puts first
 * (windowsZones, `001`).
 */
const windowsZones: Readonly<Record<string, string>> = {
  'afghanistan standard time': 'Asia/Kabul',
  'alaskan standard time': 'America/Anchorage',
  'arab standard time': 'Asia/Riyadh',
  'arabian standard time': 'Asia/Dubai',
  'arabic standard time': 'Asia/Baghdad',
  'argentina standard time': 'America/Argentina/Buenos_Aires',
  'atlantic standard time': 'America/Halifax',
  'aus central standard time': 'Australia/Darwin',
  'aus eastern standard time': 'Australia/Sydney',
  'azerbaijan standard time': 'Asia/Baku',
  'bangladesh standard time': 'Asia/Dhaka',
  'belarus standard time': 'Europe/Minsk',
  'canada central standard time': 'America/Regina',
  'caucasus standard time': 'Asia/Yerevan',
  'cen. australia standard time': 'Australia/Adelaide',
  'central america standard time': 'America/Guatemala',
  'central asia standard time': 'Asia/Almaty',
  'central europe standard time': 'Europe/Budapest',
  'central european standard time': 'Europe/Warsaw',
  'central pacific standard time': 'Pacific/Guadalcanal',
  'central standard time': 'America/Chicago',
  'central standard time (mexico)': 'America/Mexico_City',
  'china standard time': 'Asia/Shanghai',
  'e. africa standard time': 'Africa/Nairobi',
  'e. australia standard time': 'Australia/Brisbane',
  'e. europe standard time': 'Europe/Chisinau',
  'e. south america standard time': 'America/Sao_Paulo',
  'eastern standard time': 'America/New_York',
  'egypt standard time': 'Africa/Cairo',
  'ekaterinburg standard time': 'Asia/Yekaterinburg',
  'fle standard time': 'Europe/Kyiv',
  'georgian standard time': 'Asia/Tbilisi',
  'gmt standard time': 'Europe/London',
  'greenwich standard time': 'Atlantic/Reykjavik',
  'gtb standard time': 'Europe/Bucharest',
  'hawaiian standard time': 'Pacific/Honolulu',
  'india standard time': 'Asia/Kolkata',
  'iran standard time': 'Asia/Tehran',
  'israel standard time': 'Asia/Jerusalem',
  'jordan standard time': 'Asia/Amman',
  'korea standard time': 'Asia/Seoul',
  'middle east standard time': 'Asia/Beirut',
  'montevideo standard time': 'America/Montevideo',
  'morocco standard time': 'Africa/Casablanca',
  'mountain standard time': 'America/Denver',
  'myanmar standard time': 'Asia/Yangon',
  'nepal standard time': 'Asia/Kathmandu',
  'new zealand standard time': 'Pacific/Auckland',
  'newfoundland standard time': 'America/St_Johns',
  'pacific sa standard time': 'America/Santiago',
  'pacific standard time': 'America/Los_Angeles',
  'pakistan standard time': 'Asia/Karachi',
  'paraguay standard time': 'America/Asuncion',
  'romance standard time': 'Europe/Paris',
  'russian standard time': 'Europe/Moscow',
  'sa eastern standard time': 'America/Cayenne',
  'sa pacific standard time': 'America/Bogota',
  'sa western standard time': 'America/La_Paz',
  'se asia standard time': 'Asia/Bangkok',
  'singapore standard time': 'Asia/Singapore',
  'south africa standard time': 'Africa/Johannesburg',
  'sri lanka standard time': 'Asia/Colombo',
  'taipei standard time': 'Asia/Taipei',
  'tasmania standard time': 'Australia/Hobart',
  'tokyo standard time': 'Asia/Tokyo',
  'turkey standard time': 'Europe/Istanbul',
  'us eastern standard time': 'America/Indiana/Indianapolis',
  'us mountain standard time': 'America/Phoenix',
  utc: 'UTC',
  'venezuela standard time': 'America/Caracas',
  'w. australia standard time': 'Australia/Perth',
  'w. central africa standard time': 'Africa/Lagos',
  'w. europe standard time': 'Europe/Berlin',
  'west asia standard time': 'Asia/Tashkent',
  'west pacific standard time': 'Pacific/Port_Moresby',
  // Rails, and the lists that people choose from.
  'eastern time (us & canada)': 'America/New_York',
  'central time (us & canada)': 'America/Chicago',
  'mountain time (us & canada)': 'America/Denver',
  'pacific time (us & canada)': 'America/Los_Angeles',
  'atlantic time (canada)': 'America/Halifax',
  'eastern time': 'America/New_York',
  'central time': 'America/Chicago',
  'mountain time': 'America/Denver',
  'pacific time': 'America/Los_Angeles',
  hawaii: 'Pacific/Honolulu',
  alaska: 'America/Anchorage',
  arizona: 'America/Phoenix',
}

const zoneNamed = (name: string): string | undefined =>
  Object.hasOwn(windowsZones, name) ? windowsZones[name] : undefined

/** Offsets that are no whole hours, each lived by in one country only. */
const oddOffsets: Readonly<Record<string, string>> = {
  '+0330': 'Asia/Tehran',
  '+0430': 'Asia/Kabul',
  '+0530': 'Asia/Kolkata',
  '+0545': 'Asia/Kathmandu',
  '+0630': 'Asia/Yangon',
}

/** `UTC+02:00`: as a zone without summer time; its name has the sign of POSIX, which is the other one. */
function ofOffset(text: string): string | null {
  const parts = /^(?:utc|gmt)?\s?([+-])(\d{1,2})(?::?(\d\d))?$/i.exec(text)
  if (!parts) return null
  const [, sign = '+', hours = '', minutes = '00'] = parts
  if (minutes !== '00') return oddOffsets[`${sign}${hours.padStart(2, '0')}${minutes}`] ?? null
  const count = Number(hours)
  if (count === 0) return 'UTC'
  const name = `Etc/GMT${sign === '+' ? '-' : '+'}${count}`
  return isTimeZone(name) ? name : null
}

/** Cities of which there is one zone, by their name in lower case. */
let cities: ReadonlyMap<string, string | null> | null = null
function ofCity(text: string): string | null {
  if (cities === null) {
    const found = new Map<string, string | null>()
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      const city = zone
        .slice(zone.lastIndexOf('/') + 1)
        .replaceAll('_', ' ')
        .toLowerCase()
      found.set(city, found.has(city) ? null : zone)
    }
    cities = found
  }
  return cities.get(text) ?? null
}

const longest = 120

/**
 * A time zone as programs and people name it: an IANA name, one of Windows or Rails, `(GMT+01:00) … (Europe/Berlin)` of
 * Salesforce, a city, an offset.
 * @returns a name that the runtime knows; null when it cannot be told.
 */
export function parseTimeZone(input: unknown): string | null {
  if (typeof input !== 'string' || input.length > longest) return null
  const text = input.trim()
  if (isTimeZone(text)) return text
  const inner = /\(([A-Za-z_]{1,40}(?:\/[A-Za-z_+-]{1,40}){1,2})\)\s{0,3}$/.exec(text)?.[1]
  if (inner && isTimeZone(inner)) return inner
  const [, offset = '', rest = ''] = /^\((?:UTC|GMT)([+-][\d:]{1,5})?\)\s{0,3}(.*)$/i.exec(text) ?? []
  const name = (rest || text).toLowerCase()
  const [city = ''] = name.split(/,\s?/, 1)
  return (
    zoneNamed(name) ??
    zoneNamed(name.replace(' daylight time', ' standard time')) ??
    ofCity(city) ??
    ofOffset(offset || text)
  )
}
