import { mailAddress } from '../../server/domain/messages/return-path.ts'
import { putMail } from '../support/put-mail.ts'
import { serveApi } from '../support/serve-api.ts'

/** The whole server in a process of its own: tells where it is and an address that takes email, then its memory when asked. */

const mailDomain = 'in.mail.acme.example'
const api = await serveApi(Date.now(), {
  env: { INBOUND_SMTP_PORT: '0', INBOUND_DOMAIN: mailDomain },
})
const token = await putMail(api, 'reader', { state: 'sent' })
const [workspace] = api.server.services.workspaces.all()
if (!workspace) throw new Error('there is no workspace')

process.on('message', async (message) => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuUs: user + system, rssBytes: process.memoryUsage.rss() })
  } else {
    await api.close()
    process.disconnect()
  }
})
process.send?.({
  port: api.server.port,
  inboundPort: api.server.inboundPort,
  mailbox: mailAddress('reply', token, workspace.linkSecret, mailDomain),
})
