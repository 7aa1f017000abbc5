import { expect, it } from 'vitest'
import { parseTimeZone } from '../../shared/named-zone.ts'
import { isTimeZone } from '../../shared/time-zone.ts'

it.each([
  ['Europe/Berlin', 'Europe/Berlin'],
  ['UTC', 'UTC'],
  // Exchange, Azure, Office 365
  ['W. Europe Standard Time', 'Europe/Berlin'],
  ['Eastern Standard Time', 'America/New_York'],
  ['Pacific Daylight Time', 'America/Los_Angeles'],
  ['FLE Standard Time', 'Europe/Kyiv'],
  // Salesforce
  ['(GMT+01:00) Central European Standard Time (Europe/Berlin)', 'Europe/Berlin'],
  ['(GMT-08:00) Pacific Standard Time (America/Los_Angeles)', 'America/Los_Angeles'],
  // Windows’ own list, Rails
  ['(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna', 'Europe/Amsterdam'],
  ['(UTC-05:00) Eastern Time (US & Canada)', 'America/New_York'],
  ['Pacific Time (US & Canada)', 'America/Los_Angeles'],
  ['Manila', 'Asia/Manila'],
  ['São Paulo', null],
  // Offsets, whose sign POSIX turns round
  ['UTC+2', 'Etc/GMT-2'],
  ['GMT-05:00', 'Etc/GMT+5'],
  ['+05:30', 'Asia/Kolkata'],
  ['+00:00', 'UTC'],
  ['UTC+05:17', null],
  ['UTC+99', null],
  ['Mars/Olympus', null],
  ['', null],
  [7, null],
])('reads the time zone %j as %j', (input, expected) => {
  const zone = parseTimeZone(input)
  expect(zone).toBe(expected)
})

it('answers with zones that the runtime knows', () => {
  for (const name of [
    'Nepal Standard Time',
    'Hawaii',
    'Paraguay Standard Time',
    'Venezuela Standard Time',
    'UTC-11',
  ])
    expect(isTimeZone(parseTimeZone(name) ?? '')).toBe(true)
})

it('knows no zone by what every object has', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    expect(parseTimeZone(name)).toBeNull()
})
