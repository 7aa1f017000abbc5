import { describe, expect, test } from 'vitest'
import type {
  BillingProviderName,
  ProviderAccount,
} from '../../../../server/features/billing/billing-provider.ts'
import { createProvider, providerUrl } from '../../../../server/features/billing/providers.ts'
import { billingProviders } from '../../../../shared/api/billing-connections.ts'
import { type SignedWebhook, signWebhook, webhookSecretOf } from '../../../support/billing-shapes.ts'
import { someTime } from '../../../support/build-trial.ts'

const refs: Record<BillingProviderName, string> = {
  stripe: 'sub_1A',
  paddle: 'sub_01h',
  chargebee: 'AzZ1',
  recurly: 'q4rt',
  maxio: '1001',
}
const timed: BillingProviderName[] = ['stripe', 'paddle', 'recurly']
const signed: BillingProviderName[] = [...timed, 'maxio']

function verify(
  name: BillingProviderName,
  { body, headers }: SignedWebhook,
  { now = someTime, secrets = [webhookSecretOf(name)] } = {},
) {
  const account: ProviderAccount = {
    apiKey: 'key',
    webhookSecrets: secrets,
    baseUrl: providerUrl(name, { site: 'acme', region: 'us' }),
  }
  const lowerCase = Object.fromEntries(
    Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]),
  )
  return createProvider(name, account, () => now).verify({
    rawBody: Buffer.from(body),
    headers: lowerCase,
    now,
  })
}

const webhook = (name: BillingProviderName, at = someTime, secret = webhookSecretOf(name)) =>
  signWebhook(name, { eventId: '777', ref: refs[name], at }, secret)

/** The signature kept, something about the rest of the request changed. */
const withHeaders = (given: SignedWebhook, change: (value: string) => string): SignedWebhook => ({
  ...given,
  headers: Object.fromEntries(Object.entries(given.headers).map(([key, value]) => [key, change(value)])),
})

describe.each(billingProviders)('%s', (name) => {
  test('takes what it signed and says which event and subscription it is about', async () => {
    const verdict = await verify(name, webhook(name))
    expect(verdict).toMatchObject({ ok: true, hint: { eventId: '777', ref: refs[name] } })
  })

  test('refuses another secret, and takes either of two while one is replaced', async () => {
    const other = name === 'chargebee' ? 'hook:another horse' : 'another-secret'
    expect(await verify(name, webhook(name, someTime, other))).toMatchObject({ reason: 'unsigned' })
    const secrets = [webhookSecretOf(name), other]
    expect((await verify(name, webhook(name, someTime, other), { secrets })).ok).toBe(true)
  })

  test('refuses a request without its headers, and one with nonsense in them', async () => {
    const { body } = webhook(name)
    expect(await verify(name, { body, headers: {} })).toMatchObject({ reason: 'unsigned' })
    for (const nonsense of [
      '',
      ',',
      '=',
      't=,v1=',
      'ts=1;h1=00',
      'Basic',
      'Basic !!',
      '0'.repeat(64),
      '\uFFFD',
    ])
      expect(
        await verify(
          name,
          withHeaders(webhook(name), () => nonsense),
        ),
      ).toMatchObject({ ok: false })
  })

  test('understands none of the others’ signatures', async () => {
    for (const other of billingProviders.filter((candidate) => candidate !== name))
      expect((await verify(name, webhook(other))).ok).toBe(false)
  })
})

describe.each(signed)('%s', (name) => {
  test.each([
    ['a byte more', (body: string) => `${body} `],
    ['other line ends', (body: string) => `${body.replaceAll('\n', '\r\n')}\r\n`],
    [
      'the same content written again',
      (body: string) =>
        body.startsWith('{') ? JSON.stringify(JSON.parse(body)) : String(new URLSearchParams(body)),
    ],
    ['another subscription', (body: string) => body.replace(refs[name], `${refs[name]}2`)],
    ['nothing', () => ''],
  ])('refuses a body with %s', async (_, change) => {
    const given = webhook(name)
    expect(await verify(name, { ...given, body: change(given.body) })).toMatchObject({ reason: 'unsigned' })
  })

  test('refuses a signature with one digit changed or cut off', async () => {
    for (const change of [
      (value: string) => value.replace(/[0-9a-f]$/, (digit) => (digit === '0' ? '1' : '0')),
      (value: string) => value.slice(0, -1),
    ])
      expect(await verify(name, withHeaders(webhook(name), change))).toMatchObject({ ok: false })
  })
})

test.each(timed)('%s: the right signature is found among several', async (name) => {
  const [separator, prefix] = { stripe: [',', 'v1='], paddle: [';', 'h1='], recurly: [',', ''] }[
    name as 'stripe'
  ]
  const wrong = `${separator}${prefix}${'0'.repeat(64)}`
  const several = withHeaders(webhook(name), (value) => (value.length > 64 ? value + wrong : value))
  expect((await verify(name, several)).ok).toBe(true)
})
test.each(timed.flatMap((name) => [-301, -300, 0, 300, 301].map((age) => [name, age] as const)))(
  '%s, %i s old',
  async (name, age) => {
    const verdict = await verify(name, webhook(name, someTime - age * 1000))
    expect(verdict.ok).toBe(Math.abs(age) <= 300)
  },
)

test('a signed body that is no event is unreadable, not unsigned', async () => {
  const { createHmac } = await import('node:crypto')
  const time = someTime / 1000
  const h1 = createHmac('sha256', webhookSecretOf('paddle')).update(`${time}:[]`).digest('hex')
  const given = { body: '[]', headers: { 'paddle-signature': `ts=${time};h1=${h1}` } }
  expect(await verify('paddle', given)).toMatchObject({ ok: false, reason: 'unreadable' })
})

test('an event about no subscription is taken and leads to nothing', async () => {
  const { default: Stripe } = await import('stripe')
  const payload = JSON.stringify({
    id: 'evt_1',
    type: 'product.created',
    created: 1,
    data: { object: { id: 'prod_1' } },
  })
  const secret = webhookSecretOf('stripe')
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: someTime / 1000 })
  const verdict = await verify('stripe', { body: payload, headers: { 'stripe-signature': signature } })
  expect(verdict).toMatchObject({ ok: true, hint: { ref: null } })
})
