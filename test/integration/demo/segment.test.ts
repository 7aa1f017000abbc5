import { Analytics } from '@segment/analytics-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dayMs, hourMs } from '../../../shared/clock.ts'
import { type DemoProcess, localTime, startDemoProcess } from '../../support/demo-process.ts'

const timeZone = 'Europe/Berlin'
let demo: DemoProcess
let analytics: Analytics

beforeAll(async () => {
  demo = await startDemoProcess()
  analytics = new Analytics({ writeKey: demo.secretKey, host: demo.url, flushAt: 1 })
}, 180_000)

afterAll(async () => {
  await analytics?.closeAndFlush()
  await demo?.stop()
})

const identify = (userId: string, name: string, email: string) =>
  analytics.identify({
    userId,
    traits: { name, email, employees: 12 },
    context: { timezone: timeZone, locale: 'de-DE' },
  })

async function reachValue(userId: string): Promise<void> {
  for (const event of [
    'Board Created',
    'Teammate Invited',
    'Card Completed',
    'Card Completed',
    'Card Completed',
  ])
    analytics.track({ userId, event })
  await analytics.flush()
}

function expectInsideWindow(iso: string): void {
  const { weekday, hour } = localTime(iso, timeZone)
  expect(weekday).toBeLessThanOrEqual(5)
  expect(hour).toBeGreaterThanOrEqual(9)
  expect(hour).toBeLessThan(18)
}

describe('the stock Segment client as the only client', () => {
  it('takes a person who reaches value from A to B to D', async () => {
    const email = 'grete@relais.example'
    identify('grete', 'Grete Hermann', email)
    await demo.mailOf(email, 'welcome')
    await reachValue('grete')
    const upgrade = await demo.mailOf(email, 'upgrade_now')
    console.log(`third card → upgrade mail: ${upgrade.waitedMs} ms`)
    const trialist = await demo.trialist('grete')
    expect(trialist.segment).toBe('activated')
    expect(trialist.milestones.every(({ reachedAt }) => reachedAt !== null)).toBe(true)

    const endsAt = Date.parse(trialist.trial.endsAt as string)
    await demo.pass({ now: new Date(endsAt - hourMs).toISOString() })
    const expiring = await demo.mailOf(email, 'expiring_activated')
    expectInsideWindow(expiring.receivedAt)
    expect(Date.parse(expiring.receivedAt)).toBeLessThan(endsAt)

    await demo.pass({ now: new Date(endsAt + 5 * dayMs).toISOString() })
    const survey = await demo.mailOf(email, 'ended_survey')
    expectInsideWindow(survey.receivedAt)
    expect(Date.parse(survey.receivedAt)).toBeGreaterThan(endsAt)
  })

  it('takes a person who does not from C over an extension to a later D', async () => {
    const email = 'emil@relais.example'
    identify('emil', 'Emil Artin', email)
    await demo.mailOf(email, 'welcome')
    const { trial } = await demo.trialist('emil')
    const endsAt = Date.parse(trial.endsAt as string)
    await demo.pass({ now: new Date(endsAt - hourMs).toISOString() })
    const passive = await demo.mailOf(email, 'expiring_passive')
    expectInsideWindow(passive.receivedAt)

    const link = /href="([^"]+\/x\/[^"]+)"/.exec(passive.html)?.[1] as string
    const page = await fetch(link)
    expect(page.status).toBe(200)
    expect((await demo.trialist('emil')).trial.endsAt).toBe(trial.endsAt)
    const fields = [...(await page.text()).matchAll(/<input[^>]+name="([^"]+)"[^>]+value="([^"]*)"/g)]
    const form = new URLSearchParams(fields.map(([, name = '', value = '']) => [name, value]))
    expect((await fetch(link, { method: 'POST', body: form })).status).toBeLessThan(400)

    const extended = await demo.trialist('emil')
    const newEnd = Date.parse(extended.trial.endsAt as string)
    expect(newEnd - endsAt).toBe(7 * dayMs)
    await demo.mailOf(email, 'extension_granted')
    await demo.pass({ now: new Date(newEnd - hourMs).toISOString() })
    expect((await demo.mailsTo(email)).map(({ kind }) => kind)).not.toContain('ended_survey')
    await demo.pass({ now: new Date(newEnd + 5 * dayMs).toISOString() })
    const survey = await demo.mailOf(email, 'ended_survey')
    expect(Date.parse(survey.receivedAt)).toBeGreaterThan(newEnd)
    expectInsideWindow(survey.receivedAt)
  })
})
