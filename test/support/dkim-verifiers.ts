import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Verifiers of DKIM signatures that no one here wrote. */

const python = '/usr/bin/python3'
const opendkim = '/usr/sbin/opendkim-testmsg'

const works = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0

/** Debian’s python3-dkim. */
export const hasDkimpy = (): boolean => works(python, '-c', 'import dkim')

const dkimpyScript = `
import dkim, json, sys
records = json.loads(sys.argv[1])
def lookup(name, timeout=5):
    text = records.get(name.decode().rstrip('.'))
    return text and text.encode()
message = dkim.DKIM(sys.stdin.buffer.read())
try:
    passed = message.verify(dnsfunc=lookup)
except dkim.ValidationError:
    passed = False
fields = [name.decode().lower() for name, value in message.signed_headers] if passed else []
print(json.dumps({'passed': passed, 'fields': fields}))
`

/** @param records texts by name, in place of DNS. @returns also the fields it found signed. */
export function verifyWithDkimpy(
  raw: Buffer,
  records: Readonly<Record<string, string>>,
): { passed: boolean; fields: string[] } {
  const args = ['-c', dkimpyScript, JSON.stringify(records)]
  return JSON.parse(execFileSync(python, args, { input: raw, encoding: 'utf8' }))
}

/** Where {@link verifyWithOpendkim} asks for keys: it knows no port but 53. */
export const opendkimNameServer = { address: '127.0.5.3', port: 53 }

/** Debian’s opendkim-tools; it asks the machine’s name server, so it gets a view of the machine of its own. */
export const hasOpendkim = (): boolean => existsSync(opendkim) && works('unshare', '--mount', 'true')

/** Does not block: this process may be the name server that is asked. */
export async function verifyWithOpendkim(raw: Buffer): Promise<{ passed: boolean; words: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'opendkim-'))
  const resolver = join(folder, 'resolv.conf')
  writeFileSync(resolver, `nameserver ${opendkimNameServer.address}\n`)
  const script = `mount --make-rprivate / && mount --bind "$1" /etc/resolv.conf && exec ${opendkim} -t "$2"`
  const child = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', resolver, folder])
  let words = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      words += chunk.toString('utf8')
    })
  child.stdin.end(raw)
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  rmSync(folder, { recursive: true, force: true })
  return { passed: status === 0, words: words.trim() }
}
