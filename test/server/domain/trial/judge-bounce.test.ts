import { describe, expect, it } from 'vitest'
import { judgeBounce } from '../../../../server/domain/trial/judge-bounce.ts'

const verdict = (status: string | null, diagnostic: string) => judgeBounce(status, null, diagnostic).class

describe('a refusal is judged by its words before its codes', () => {
  it.each([
    ['5.1.1', '550 5.7.1 IP address blacklisted by recipient'],
    [
      '5.1.1',
      '550 5.1.1 192.0.2.1 is blocked by spamhaus, see http://www.spamhaus.org/query/bl?ip=192.0.2.1',
    ],
    ['5.1.3', '553 http://www.spamhaus.org/query/bl?ip=192.0.2.222'],
    ['5.1.0', '550 5.1.0 <b@bounce.acme.example> sender rejected. AUP#CDRBL'],
    ['5.1.1', '550 5.1.1 Sender address rejected: User unknown in virtual alias table'],
    ['5.1.8', '553 5.1.8 <b@acme.example>... Domain of sender address b@acme.example does not exist'],
    [
      '5.1.0',
      "5.1.0 - Unknown address error 550-'5.7.1 <x@c.example>... Access denied' (delivery attempts: 0)",
    ],
    ['5.1.2', '550 5.1.2 relay not permitted for this sender'],
    ['5.7.1', '550 5.7.1 Unable to relay for x@c.example'],
    ['5.0.0', '550-5.7.26 This mail has been blocked because the sender is unauthenticated.'],
    ['5.7.25', '550-5.7.25 The IP address sending this message does not have a PTR record setup'],
    ['5.1.1', '554 5.7.1 Message rejected due to content restrictions'],
    ['5.2.1', '550 5.2.1 Your email has been rejected because it looks like spam'],
    ['5.0.0', '554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1'],
    ['5.0.0', '554 IMTA01 smtp.acme.example 192.0.2.1 Low reputation'],
    ['5.4.5', '550 5.4.5 Daily user sending quota exceeded.'],
    // A carrier’s user refuses us; a user that there is not is refused by address, or before the data.
    ['5.2.0', '550 : User unknown'],
    [
      '5.0.0',
      'host mfsmax.docomo.ne.jp[192.0.2.1] said: 550 Unknown user x@docomo.ne.jp (in reply to end of DATA command)',
    ],
    ['5.2.0', '... while talking to mfsmax.docomo.ne.jp.: >>> DATA <<< 550 Unknown user x@docomo.ne.jp'],
    [
      '5.0.0',
      '554 Message rejected: Email address is not verified. The following identities failed the check',
    ],
    ['5.0.0', '550 Your message was rejected by this user and was not delivered'],
    ['5.0.0', '550 Mail is rejected by recipients'],
    ['5.4.1', '541 5.4.1 Mail rejected by destination domain'],
    ['5.2.0', '550 5.2.0 Mail rejeté. Mail rejected. ofr_506'],
    ['5.2.3', '554 5.2.3 MailPolicy violation'],
    ['5.0.0', '550 rejecting spoofed message'],
    ['5.0.0', '550 permanent failure for one or more recipients (x@c.example:blocked)'],
    ['5.0.0', '554 mx1.c.example 192.0.2.1 found on one or more DNSBLs'],
    ['5.0.0', '554 IP=192.0.2.1 - A problem occurred. (Ask your postmaster for help)'],
  ])('%s %s: nothing about the address', (status, diagnostic) => {
    expect(verdict(status, diagnostic)).toBe('policy')
  })

  it.each([
    ['5.1.1', '552 5.2.2 Over quota'],
    [
      '5.1.0',
      "5.1.0 - Unknown address error 550-'5.2.2 <x@c.example>... Mailbox Full' (delivery attempts: 0)",
    ],
    ['5.2.0', '522 5.2.0 Delivery failed: Over quota'],
    ['5.1.1', '552 sorry, mailbox x@c.example is over quota temporarily (#5.1.1)'],
    ['5.0.0', '550 Mailbox has exceeded the limit'],
    ['5.0.0', "550 The recipient's inbox is out of storage space"],
    ['5.0.0', '550 Postfach ist voll'],
    ['5.0.0', '550 Boîte du destinataire pleine'],
    ['5.0.0', '550 El buzón del usuario está lleno'],
    ['5.0.0', '550 メールボックスがいっぱいです'],
    ['5.0.0', '550 收件人邮箱已满'],
    [
      '5.2.1',
      '550-5.2.1 The user you are trying to contact is receiving mail at a rate that 550-5.2.1 prevents additional messages',
    ],
    ['5.1.1', '550 5.1.1 <x@c.example> - 203.0.113.222 has sent to too many recipients this hour. IB607'],
    ['5.7.1', '550 Greylisted, please try again in 300 seconds'],
    ['5.4.317', '550 5.4.317 Message expired, cannot connect to remote server'],
    ['5.4.300', '550 5.4.300 Message expired'],
    ['5.1.0', '550 5.1.0 <b@bounce.acme.example> sender rejected. AUP#In-1310'],
    ['5.1.1', 'procmail: Couldn\'t create "/var/spool/mail/sam" id: r.example.org: No such user'],
    ['5.0.0', 'Connection timed out'],
    ['5.3.0', '554 5.3.0 Internal system error'],
    ['5.4.6', '554 5.4.6 Too many hops'],
    ['5.0.0', '550 Connection frequency limited [abc IP 192.0.2.22]'],
    ['4.4.3', '450 4.4.3 Host or domain name not found. Name service error: Host not found, try again'],
    ['4.7.1', '451 4.7.1 Service unavailable - try later'],
    ['5.2.121', '554 5.2.121 The sender has exceeded the limit for the number of messages they can send'],
    ['5.2.122', '554 5.2.122 The recipient has exceeded their limit for the number of messages'],
    ['5.2.122', ''],
    ['5.0.0', 'Name service error for name=c.example type=MX: Malformed name server reply'],
  ])('%s %s: another time', (status, diagnostic) => {
    expect(verdict(status, diagnostic)).toBe('soft')
  })

  it.each([
    [
      '5.4.1',
      '550 5.4.1 Recipient address rejected: Access denied. [AM0EUR02FT003.eop-EUR02.prod.protection.outlook.com]',
    ],
    ['5.7.1', '554 5.7.1 <x@c.example>: Recipient address rejected: Access denied'],
    ['5.1.0', '550 5.1.0 Address rejected, user unknown'],
    ['5.2.0', '550 <x@ezweb.ne.jp>: User unknown'],
    [
      '5.0.0',
      'host mfsmax.docomo.ne.jp[192.0.2.1] said: 550 Unknown user x@docomo.ne.jp (in reply to RCPT TO command)',
    ],
    ['5.1.0', "5.1.0 - Unknown address error 550-'5.1.1 No such user here' (delivery attempts: 0)"],
    ['5.0.0', "554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0]"],
    ['5.5.0', '550 5.5.0 Adresse destinataire invalide. Invalid recipient. LPN007_416'],
    ['5.5.0', '550 5.5.0 Requested action not taken: mailbox unavailable'],
    ['5.3.0', '553 5.3.0 <x@c.example>... No such user here'],
    ['5.7.1', '553 Invalid recipient x@c.example (Mode: normal)'],
    ['5.0.0', '552 1 Requested mail action aborted, mailbox not found'],
    ['5.0.0', '550 No user found'],
    ['5.0.0', '550 <x@c.example>: Recipient address rejected.'],
    ['5.0.0', '550 Mailbox unavailable or access denied [Ml6y].'],
    ['5.0.0', '550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550'],
    ['5.0.0', 'User some.name (x@c.example) not listed in Domino Directory'],
    ['5.7.27', '550 5.7.27 Host does not accept mail'],
    ['5.1.10', '556 5.1.10 Recipient address has null MX'],
    ['5.4.4', 'Host or domain name not found. Name service error for name=c.example type=A: Host not found'],
    ['5.0.0', 'No such domain.'],
    ['5.4.310', '550 5.4.310 DNS domain c.example does not exist'],
    ['5.0.0', 'The email account that you tried to reach does not exist.'],
    ['5.0.0', '550 Empfaenger unbekannt'],
    ['5.0.0', '550 Benutzer existiert nicht'],
    ['5.0.0', "550 L'adresse du destinataire n'existe pas"],
    ['5.0.0', '550 Usuario desconocido'],
    ['5.0.0', '550 Usuário inexistente'],
    ['5.0.0', '550 Utente sconosciuto'],
    ['5.0.0', '550 Gebruiker onbekend'],
    ['5.0.0', '550 Nie ma takiego użytkownika: skrzynka nie istnieje'],
    ['5.0.0', '550 Пользователь не найден'],
    ['5.0.0', '550 宛先が見つかりません'],
    ['5.0.0', '550 收件人不存在'],
    ['5.0.0', '550 사용자를 찾을 수 없습니다'],
    ['5.0.0', '550 Người dùng không tồn tại'],
    ['5.0.0', '550 المستخدم غير موجود'],
    ['5.1.1', ''],
    ['5.2.1', '550 5.2.1 The email account that you tried to reach is disabled.'],
    ['5.4.1', '550 5.4.1 All recipient addresses rejected : Access denied'],
    ['5.7.1', '554 5.7.1 <x@c.example>: Recipient address rejected: Not in recipient list'],
    [
      '5.7.1',
      '550 5.7.1 <x@c.example>: Recipient address rejected: User email address is marked as invalid.',
    ],
    ['5.7.1', '540 5.7.1 <x@c.example>: recipient address rejected: Inactive'],
    ['5.2.1', '550 5.2.1 This mailbox has been blocked due to inactivity'],
    ['5.5.4', '554 delivery error: dd x@c.example is no longer valid. [-20]'],
    ['5.0.0', '551 <x@c.example> is a deactivated mailbox'],
    ['5.0.0', '550-x@c.example is not an active address at this host'],
    ['5.0.0', '554 Rcpt <x@c.example> does not exist'],
    ['5.0.0', '550 ** No mail box available for this user **'],
    ['5.0.0', '550 BAD_RECIPIENT - see http://www.c.example/?r=1'],
    ['5.0.0', '550 Esta casilla ha expirado por falta de uso.'],
  ])('%s %s: the address does not exist', (status, diagnostic) => {
    expect(verdict(status, diagnostic)).toBe('hard')
  })

  it.each([
    ['5.3.4', '552 5.3.4 Message size exceeds fixed limit'],
    ['5.2.3', '550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient'],
    ['5.1.0', ''],
    ['5.6.0', '550 5.6.0 <x@c.example>: Recipient address rejected: Content error'],
    [null, '550 something else'],
  ])('%s %s: this email alone', (status, diagnostic) => {
    expect(verdict(status, diagnostic)).toBe('other')
  })

  it.each([
    ['spam@policy.example is fine: user unknown: blocked@quota.example', 'hard'],
    ['550 no such user, see https://blacklist.example/spam?quota=full', 'hard'],
    ['550 at 192.5.1.1 something else', 'other'],
  ])('neither addresses nor links nor numbers decide: %s', (text, found) => {
    expect(verdict(null, text)).toBe(found)
  })
})
