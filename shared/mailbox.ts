/** Which addresses reach one mailbox, and which domains belong to one company. */

/** Gmail ignores dots and `+tags`, and has two names for its domain: support.google.com/mail/answer/7436150. */
const gmailDomains: ReadonlySet<string> = new Set(['gmail.com', 'googlemail.com'])

function partsOf(email: string): { local: string; domain: string } {
  const at = email.lastIndexOf('@')
  return { local: email.slice(0, at).toLowerCase(), domain: email.slice(at + 1).toLowerCase() }
}

/**
 * The address without its `+tag`; at Gmail without dots too. Two addresses with one key are one mailbox at Gmail and
 * probably one elsewhere: see {@link isSameMailbox}.
 */
export function mailboxKey(email: string): string {
  const { local, domain } = partsOf(email)
  const plus = local.indexOf('+')
  const bare = plus > 0 ? local.slice(0, plus) : local
  return gmailDomains.has(domain) ? `${bare.replaceAll('.', '')}@gmail.com` : `${bare}@${domain}`
}

/** For certain: the same address, or two spellings that Gmail documents as one. */
export const isSameMailbox = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase() ||
  (gmailDomains.has(partsOf(one).domain) && mailboxKey(one) === mailboxKey(other))

/** Providers where anyone can have an address: sharing the domain makes no two people colleagues. */
const publicDomains: ReadonlySet<string> = new Set(
  `gmail.com googlemail.com outlook.com hotmail.com live.com msn.com hotmail.co.uk hotmail.fr hotmail.de hotmail.it
  hotmail.es live.co.uk live.fr live.nl outlook.de outlook.fr outlook.es outlook.jp icloud.com me.com mac.com
  yahoo.com yahoo.co.uk yahoo.co.in yahoo.co.jp yahoo.fr yahoo.de yahoo.es yahoo.it yahoo.ca yahoo.com.br
  yahoo.com.mx yahoo.com.ar yahoo.com.au ymail.com rocketmail.com aol.com proton.me protonmail.com pm.me
  tutanota.com tuta.com fastmail.com fastmail.fm hey.com zoho.com mail.com email.com gmx.de gmx.net gmx.com gmx.at
  gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org arcor.de bluewin.ch hispeed.ch orange.fr wanadoo.fr
  free.fr sfr.fr laposte.net neuf.fr libero.it virgilio.it tiscali.it alice.it tin.it hotmail.com.br uol.com.br
  bol.com.br terra.com.br ig.com.br telefonica.net ziggo.nl kpnmail.nl planet.nl xs4all.nl telenet.be skynet.be
  telia.com bredband.net online.no mail.dk wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz email.cz azet.sk
  freemail.hu citromail.hu abv.bg mail.ru inbox.ru bk.ru list.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net
  qq.com foxmail.com 163.com 126.com sina.com sina.cn sohu.com yeah.net naver.com daum.net hanmail.net nate.com
  docomo.ne.jp ezweb.ne.jp softbank.ne.jp rediffmail.com btinternet.com sky.com ntlworld.com virginmedia.com
  talktalk.net comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net
  optonline.net rogers.com shaw.ca sympatico.ca bigpond.com optusnet.com.au xtra.co.nz`.split(/\s+/),
)

/** Providers with a domain in most countries. */
const publicBrand =
  /^(?:yahoo|ymail|hotmail|outlook|live|windowslive|msn|gmx|aol|yandex|zoho|zohomail|protonmail|tutanota|fastmail|icloud)\.(?:com|net|org|co|[a-z]{2}|com?\.[a-z]{2})$/

export function isPublicDomain(domain: string): boolean {
  const name = domain.toLowerCase()
  return publicDomains.has(name) || publicBrand.test(name)
}
