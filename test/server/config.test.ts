import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configFaultText, readConfig } from '../../server/config.ts'
import { environmentTable } from '../../server/environment.ts'

const faultsOf = (env: Record<string, string>) => {
  const read = readConfig(env)
  return read.ok ? [] : read.faults
}

/** Editors pad the columns of a table; what is in them counts. */
const cells = (table: string) =>
  table
    .trim()
    .split('\n')
    .filter((line) => !/^[|\s:-]+$/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))

describe('the environment', () => {
  test('may be empty: every variable has a default or may be absent', () => {
    const read = readConfig({})
    expect(read.ok && read.config).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      dataDir: './data',
      role: 'all',
      trustProxy: false,
    })
  })

  test('counts an empty variable as absent', () => {
    expect(readConfig({ PORT: '', SMTP_URL: '' })).toMatchObject({
      ok: true,
      config: { port: 8080, smtpUrl: null },
    })
  })

  test('is refused with all faults at once, each with its name', () => {
    const faults = faultsOf({
      PORT: '80a',
      ROLE: 'boss',
      TRUST_PROXY: 'true',
      TRIALPACE_ENCRYPTION_KEY: 'c2hvcnQ=',
      PUBLIC_URL: 'ftp://x',
    })
    expect(faults.map(({ name }) => name).sort()).toEqual([
      'PORT',
      'PUBLIC_URL',
      'ROLE',
      'TRIALPACE_ENCRYPTION_KEY',
      'TRUST_PROXY',
    ])
  })

  test.each([
    [{ SMTP_URL: 'smtp://localhost' }, 'MAIL_FROM'],
    [{ TRIALPACE_ADMIN_EMAIL: 'a@b.example' }, 'TRIALPACE_ADMIN_PASSWORD'],
    [{ DKIM_DOMAIN: 'x.example', DKIM_SELECTOR: 's' }, 'DKIM_PRIVATE_KEY_FILE'],
    [{ ROLE: 'worker' }, 'MONGODB_URI'],
  ])('%j also needs %s', (env, name) => {
    expect(faultsOf(env).map((fault) => fault.name)).toEqual([name])
  })

  test('takes name servers with or without a port', () => {
    const servers = '1.1.1.1, 127.0.0.1:5353,2606:4700:4700::1111,[::1]:53'
    expect(readConfig({ DNS_SERVERS: servers })).toMatchObject({
      config: { dnsServers: ['1.1.1.1', '127.0.0.1:5353', '2606:4700:4700::1111', '[::1]:53'] },
    })
    for (const wrong of ['dns.example', '1.1.1.1:0', '1.1.1.1:99999', '[1.1.1.1]:53', '1.1.1.1,', '::1]:5'])
      expect(faultsOf({ DNS_SERVERS: wrong }).map(({ name }) => name)).toEqual(['DNS_SERVERS'])
  })

  test('is never repeated in what is printed', () => {
    const secret = 'hunter2-hunter2'
    expect(configFaultText(faultsOf({ TRIALPACE_SECRET_KEY: secret, SMTP_URL: secret }))).not.toContain(
      secret,
    )
  })

  test('is written down in the README as it is', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
    const table = /<!-- env:start -->\n([\s\S]*?)\n<!-- env:end -->/.exec(readme)?.[1] ?? ''
    expect(cells(table)).toEqual(cells(environmentTable()))
  })
})
