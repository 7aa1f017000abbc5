import { expect, test } from 'vitest'
import { deviceOf } from '../../../../server/features/accounts/device-of.ts'

test.each([
  [undefined, 'Unknown device'],
  ['', 'Unknown device'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15',
    'Safari on macOS',
  ],
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'Chrome on Linux',
  ],
  ['ann@acme.example/1.0 <b>', 'Another browser'],
])('%s is shown as %s', (agent, device) => {
  expect(deviceOf(agent)).toBe(device)
})

test('a long user agent takes no time', () => {
  const startedAt = performance.now()
  expect(deviceOf('x'.repeat(1_000_000))).toBe('Another browser')
  expect(performance.now() - startedAt).toBeLessThan(200)
})
