import { createTransport } from 'nodemailer'
import type { FeedbackMail } from './feedback-mail.ts'
import type { ActionResult } from './inbox-actions.ts'

/** Hands an email to the inbound SMTP feature, as the postmaster of the recipient would. */
export async function deliverFeedback({ from, to, raw }: FeedbackMail, port: number): Promise<ActionResult> {
  const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true, disableFileAccess: true })
  try {
    const { response } = await transport.sendMail({ envelope: { from, to: [to] }, raw })
    return { ok: true, detail: `Delivered to ${to}: ${response}` }
  } catch (error) {
    return { ok: false, detail: `Refused: ${(error as Error).message}` }
  } finally {
    transport.close()
  }
}
