import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** Stands between a sender and a mail server and keeps the messages as they went by, dots undone. */
export async function startSmtpTap(targetPort: number) {
  const dialogues: Buffer[][] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const said: Buffer[] = []
    dialogues.push(said)
    const target = connect(targetPort, '127.0.0.1')
    client.on('data', (chunk: Buffer) => said.push(chunk))
    client.pipe(target).pipe(client)
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        client.destroy()
        target.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages: (): Buffer[] =>
      dialogues.flatMap((said) =>
        [
          ...Buffer.concat(said)
            .toString('latin1')
            .matchAll(/^DATA\r\n(.*?\r\n)\.\r\n/gms),
        ].map(([, body = '']) => Buffer.from(body.replaceAll(/^\./gm, ''), 'latin1')),
      ),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
