import { expect, test } from 'vitest'
import { demoEnvironment } from '../../../server/demo/demo-config.ts'

test('the demo never takes a real database, mail server or data folder from the environment', () => {
  const real = {
    MONGODB_URI: 'mongodb://db.acme.example/trialpace',
    SMTP_URL: 'smtp://mail.acme.example',
    TRIALPACE_DATA_DIR: '/var/lib/trialpace',
    INBOUND_SMTP_PORT: '25',
    LOG_LEVEL: 'debug',
  }
  const env = demoEnvironment(real, { SMTP_URL: 'smtp://127.0.0.1:2525' })
  expect(env).toMatchObject({ SMTP_URL: 'smtp://127.0.0.1:2525', LOG_LEVEL: 'debug' })
  for (const name of ['MONGODB_URI', 'TRIALPACE_DATA_DIR', 'INBOUND_SMTP_PORT'])
    expect(env).not.toHaveProperty(name)
})
