import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accepts, freePort } from './ports.ts'

export interface Postfix {
  readonly port: number
  readonly version: string
  readonly log: () => string
  close(): void
}

const program = '/usr/sbin/postfix'
const daemons = ['/usr/lib/postfix/sbin', '/usr/libexec/postfix'].find((path) =>
  existsSync(join(path, 'smtpd')),
)

/** Why there is no Postfix for tests here; null when there is one. */
export function whyNoPostfix(): string | null {
  if (!existsSync(program) || !daemons) return 'Postfix is not installed (Debian: apt install postfix)'
  if (process.getuid?.() !== 0) return 'Postfix starts as root only'
  return null
}

/** Delivers nothing itself: whatever comes from loopback goes on to `relayPort`. */
const mainSettings = (folder: string, relayPort: number) => ({
  compatibility_level: '3.6',
  queue_directory: join(folder, 'queue'),
  data_directory: join(folder, 'data'),
  command_directory: '/usr/sbin',
  daemon_directory: daemons,
  inet_interfaces: '127.0.0.1',
  inet_protocols: 'ipv4',
  mynetworks: '127.0.0.0/8',
  myhostname: 'relay.example',
  mydestination: '',
  local_recipient_maps: '',
  alias_maps: '',
  relayhost: `[127.0.0.1]:${relayPort}`,
  smtp_dns_support_level: 'disabled',
  smtpd_relay_restrictions: 'permit_mynetworks, reject',
  smtpd_tls_security_level: 'none',
  smtp_tls_security_level: 'none',
  maillog_file: join(folder, 'mail.log'),
  maillog_file_prefixes: folder,
})

/** Name, type, private, unprivileged, chroot, wakeup, most processes, program. */
const services = (port: number) => `
127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

/** An instance of its own: folder, queue and port; the machine’s own Postfix is not touched. */
export async function startPostfix({ relayPort }: { relayPort: number }): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'trialpace-postfix-'))
  // Its parts run as the user postfix and have to get through.
  chmodSync(folder, 0o755)
  const [config, data] = [join(folder, 'etc'), join(folder, 'data')]
  for (const name of [config, data, join(folder, 'queue')]) mkdirSync(name)
  execFileSync('chown', ['postfix', data])
  const port = await freePort()
  const lines = Object.entries(mainSettings(folder, relayPort)).map(([name, value]) => `${name} = ${value}`)
  writeFileSync(join(config, 'main.cf'), `${lines.join('\n')}\n`)
  writeFileSync(join(config, 'master.cf'), services(port).trimStart())
  const run = (command: string) => execFileSync(program, ['-c', config, command], { stdio: 'ignore' })
  const log = () => readFileSync(join(folder, 'mail.log'), 'utf8')
  const close = () => {
    try {
      run('stop')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  run('start')
  for (let tries = 0; tries < 200; tries++) {
    if (await accepts(port)) {
      const version = execFileSync('/usr/sbin/postconf', ['-c', config, '-h', 'mail_version'], {
        encoding: 'utf8',
      })
      return { port, version: version.trim(), log, close }
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const said = log()
  close()
  throw new Error(`Postfix does not listen: ${said}`)
}
