import type { BounceClass } from './bounce.ts'

/**
 * What mail servers write when they refuse, in the order in which it is looked for: the first row that matches says
 * what the refusal is about. Words about the sender, our account and full mailboxes stand before those about unknown
 * users, because servers put `user unknown` codes on all of them.
 *
 * Patterns see one line in lower case: addresses are `@`, links are their host, blanks are single. Every gap in them
 * is bounded.
 */
export type BounceCause =
  | 'own_account'
  | 'sender'
  | 'full'
  | 'rate'
  | 'filtered'
  | 'unknown_user'
  | 'unknown_host'
  | 'relay'
  | 'policy'
  | 'size'
  | 'temporary'
  | 'mailbox_unavailable'
  | 'code'

export interface BounceRow {
  readonly cause: BounceCause
  readonly class: BounceClass
  readonly words: readonly RegExp[]
  readonly source: string
}

export const bounceRows: readonly BounceRow[] = [
  {
    cause: 'rate',
    class: 'soft',
    source:
      'spectrum.net, understanding email error codes: AUP#In-1090, 1260, 1300 to 1490, 1540, 1550, 1580',
    words: [/\baup#[a-z]{1,3}-1(?:090|260|[34]\d\d|5[458]0)\b/],
  },
  {
    cause: 'own_account',
    class: 'policy',
    source: 'support.google.com/a/answer/3726730 (5.4.5); docs.aws.amazon.com/ses (sandbox, quota); Plesk',
    words: [
      /\b(?:sending|outgoing|outbound) (?:mail |message |email )?(?:quota|limit)\b/,
      /\blimit on the number of (?:allowed )?outgoing\b/,
      /\b(?:exceeded|reached) (?:the|your|its) .{0,30}\b(?:sending|outgoing|hourly|daily|monthly)\b/,
      /\bmaximum (?:message count per session|sending rate|number of (?:outgoing|outbound))/,
      /\bidentit(?:y|ies) failed the check|\bemail address is not verified|\bsender address not verified/,
      /\b(?:your|sending|sender) account .{0,40}(?:suspended|disabled|paused|not (?:yet )?(?:verified|activated))/,
      /\b(?:authentication|authorization) (?:is )?required|\bmust (?:be authenticated|authenticate|issue a starttls)/,
      /\bunpaid|\bout of credits?\b|\binsufficient credits?\b|\bplan limit\b/,
    ],
  },
  {
    cause: 'sender',
    class: 'policy',
    source: 'RFC 3463 §3.2 (5.1.7, 5.1.8); cox.com, spectrum.net error codes; Postfix sender restrictions',
    words: [
      /\b(?:sender|from|mail from|return path|envelope[- ]from|originator)(?:'s)? (?:@ |address |domain |host |verification |verify |is |was |email )*(?:@ )?(?:rejected|refused|denied|blocked|failed|invalid|unknown|not (?:allowed|found|verified|valid|authorized|permitted|exist)|does not|doesn't|has null mx|unverified|verification)/,
      /\bdomain of (?:the )?sender\b|\bsender(?:'s)? domain\b|\b(?:invalid|unknown|bad|unverified) (?:sender|from|return path|envelope from)\b/,
      /\bsender (?:verify|verification)\b|\bcould not verify sender\b|\brefused sender\b|\breject(?:ed|s)? (?:the )?sender\b/,
      /\bnot (?:allowed|authorized|permitted) to send\b|\b(?:dns|mx|a\/aaaa)[a-z /]{0,20}resource record\b/,
    ],
  },
  {
    cause: 'full',
    class: 'soft',
    source: 'RFC 3463 §3.3 (x.2.2), RFC 5321 §4.2.3 (552); support.google.com/mail/?p=OverQuotaPerm',
    words: [
      /\b(?:over|exceed(?:s|ed|ing)?|out of|disk|storage|mailbox|mail|user|account|inbox)['s]* ?(?:the |its |their |his |allocated |storage |disk |mailbox |mail |inbox )*(?:quota|storage|space)\b/,
      /\bquota (?:is |has been |was )?(?:full|exceeded|reached|violation|exhausted)|\boverquota\b|\bmail quota\b/,
      /\b(?:mailbox|mail box|inbox|maildrop|maildir|mail ?store|account|folder)(?: @)? (?:is |are |was |would be |currently |has been |size |of @ )*(?:full|over|exceed|too large|limit|out of)/,
      /\bmailbox\b.{0,40}\b(?:exceed|limit|full)|\bfull (?:mailbox|inbox|mail ?box)\b|\bmailfull\b|\b(?:mail ?folder|mail ?drop|mail ?dir) (?:is )?full/,
      /\b(?:insufficient|not enough|no|out of) (?:system |disk |more |storage |mailbox |mail )*(?:storage|space|room)\b/,
      /\bno space left|\bspace .{0,20}exhausted|\btoo (?:many messages|much mail data) (?:in|on) (?:the |this )?(?:mailbox|server)|\bresolver\.rst\.(?!(?:send|recip)sizelimit)|\bquotaexceeded/,
      /\bpostfach\b.{0,30}\bvoll\b|speicherplatz.{0,40}(?:erschöpft|überschritten|voll)|bo[iî]te.{0,30}pleine|quota d[ée]pass[ée]|buz[oó]n.{0,30}llen[oa]|cuota.{0,20}(?:excedida|superada)|(?:casella|cassetta).{0,30}piena|caixa.{0,40}cheia|mailbox.{0,20}\bvol\b|skrzynka.{0,40}(?:pełna|przepełniona)|inkorg.{0,20}full|posta kutusu.{0,20}dolu|schránka.{0,20}pln[áa]/,
      /(?:ящик|скринька).{0,30}(?:переполнен|заполнен|переповнен)|превышен.{0,20}квот/,
      /メールボックス.{0,20}(?:一杯|いっぱい|満杯|超過)|容量.{0,15}(?:超|不足)|(?:邮箱|郵箱|信箱|空间|空間).{0,15}(?:已满|已滿|满|滿|不足)|(?:사서함|메일함|편지함).{0,20}(?:가득|초과|부족)|hộp thư.{0,20}đầy|(?:صندوق|علبة).{0,30}ممتلئ/,
    ],
  },
  {
    cause: 'rate',
    class: 'soft',
    source: 'support.google.com/mail/?p=ReceivingRatePerm; RFC 6647; godaddy IB607; service.mail.qq.com',
    words: [
      /\bgr[ea]y[- ]?list/,
      /\b(?:at a rate that|too (?:many|fast|quickly|frequent)|rate[- ]?limit|throttl|frequency limit|over rate|unusual rate)(?! (?:hops|errors in))/,
      /\bexceeded (?:the|their|its) limit for the number of messages\b/,
      /\b(?:has )?sent to too many|\btoo many (?:recipients|connections|messages|concurrent|sessions)/,
      /\b(?:hourly|daily|per[- ]hour|per[- ]minute) .{0,20}(?:limit|exceed)|\bexceed(?:s|ed)? .{0,30}\b(?:rate|connections?|messages per)\b/,
      /\b(?:please )?(?:try|retry|send)(?: your (?:mail|message))?(?: it)? (?:again )?(?:later|in \d|after \d)/,
      /\bhost not found, try again\b|\bmalformed (?:or unexpected )?name server reply/,
    ],
  },
  {
    cause: 'filtered',
    class: 'policy',
    source:
      'NTT docomo and KDDI answer a recipient’s own filter as if there were no such user: docomo after the data, KDDI without the address (sisimai, rhost/nttdocomo and rhost/kddi)',
    words: [
      /\bdocomo\.ne\.jp\b.{0,60}\bunknown user @ \(in reply to end of data command\)/,
      /\bdocomo\.ne\.jp\.?: >>> data <<< (?:550 )?unknown user\b/,
      /^(?:550 )?: user unknown\b/,
    ],
  },
  {
    cause: 'temporary',
    class: 'soft',
    source: 'procmail(1), maildrop(1): the program that puts the email into the mailbox has failed',
    words: [
      /\b(?:procmail|maildrop|dovecot-lda)(?:\[\d{1,9}\])?: (?:couldn't|can't|unable|error|fatal|failed)\b/,
    ],
  },
  {
    cause: 'unknown_user',
    class: 'hard',
    source:
      'RFC 3463 §3.2 (x.1.1); support.google.com/mail/?p=NoSuchUser; learn.microsoft.com (5.4.1 DBEB, 5.1.10); Yahoo 554 dd; Orange LPN007',
    words: [
      /\b(?:unknown|no such|non-?existent|nonexisting|undefined|inexistent|bad destination|illegal|unroutable|undeliverable) (?:local |virtual |to |email |e-mail |mail )*(?:users?|recipients?|mail ?box|addressee?|account|login|subscriber|person|alias|local[- ]?part|customer|name)\b/,
      /\b(?<!\b(?:ip|sender|from|client|your|return) )(?:users?|recipients?|mail ?box|address|addressee|account|alias|local[- ]?part|login|username|user name|subscriber|customer|recipient name)[:,]?(?: (?!not |no |is |was |does |do )[^ ]{1,60}){0,5}? (?:is |was |are |has |could |can )*(?:either )?(?:unknown|not found|not known|n[o']t be found|couldn't be found|not listed|not recogni[sz]ed|not exist|doesn'?t exist|does(?: not|n't) (?:seem to |appear to )?exist|do(?: not|n't) exist|non-?existent|not a (?:valid|known|registered)|not valid|not (?:currently )?(?:hosted|registered) (?:here|at)|unregistered|been (?:deleted|closed|terminated|removed|deactivated)|(?:no longer|not longer) (?:exists?|available|valid|active|in use|accepting|monitored)|not here|not local|undeliverable|invalid|inconnue?)\b/,
      /\bno (?:such )?(?:users?|mail ?box(?:es)?|accounts?|recipients?|address|valid recipients?|one)(?: @)?(?: available)? (?:found|here|by (?:that|this)|with (?:that|this)|of (?:that|this)|for|at this|named|exists?|in (?:this|the|our))|\bno user found\b|\bno mailbox (?:here|found)|\bno valid recipients?\b/,
      /\b(?:invalid|incorrect|wrong|bad) (?:final delivery |email |e-mail |mail |user |local |destination |delivery )*(?:recipients?|mail ?box|address|addressee|userid|user|username|account)\b/,
      /(?:^|[ :])@ (?:does not|doesn't) exist\b|@ is (?:no longer|not) (?:an? )?(?:valid|active|known|current)\b|@ is an? (?:deactivated|closed|disabled|expired|deleted|inactive)\b/,
      /\bbad[_-]recipient\b|\bnot in (?:the |our )?recipients? list\b|\baddress is marked as invalid\b|\brecipient (?:address )?rejected: inactive\b|\b(?:mailbox|account|user|address)\b.{0,40}\b(?:due to|for|because of) (?:long |prolonged )?inactivity\b/,
      /\bnot (?:a )?(?:valid|known|registered|existing|our) (?:local )?(?:users?|recipients?|mail ?box|address|account|customer)\b/,
      /\bdoesn'?t have an? [a-z0-9.-]{1,60} account|\bthis account has been (?:deleted|closed|terminated)|\bno longer (?:works|employed|with (?:us|the company))/,
      /\baddress (?:not found|could ?n[o']t be found|couldn't be found|unknown)|\bunknown @|\b(?:nosuchuser|usernotfound|user_unknown|recipnotfound|recipientnotfound|mailboxnotfound)\b|\bresolver\.adr\.(?:ex)?recipnotfound/,
      /\brecipient address(?:es)? rejected ?: (?:access denied|undeliverable|unverified address: .{0,60}(?:unknown|not exist))|\bmailbox unavailable or access denied/,
      /\b(?:unknown|unbekannte[rs]?) (?:empf[äa]nger|benutzer|adress)|empf(?:ä|ae)nger(?:adresse)?.{0,30}(?:unbekannt|existiert nicht|nicht gefunden|ung[üu]ltig|nicht vorhanden)|(?:benutzer|postfach|mailbox|konto|adresse).{0,30}(?:unbekannt|existiert nicht|nicht gefunden|nicht vorhanden)/,
      /(?:adresse|destinataire|utilisateur|bo[iî]te|compte|adresse destinataire).{0,40}(?:inconnue?|invalide|inexistante?|n'existe p(?:as|lus)|introuvable)|(?:usuario|destinatario|direcci[oó]n|buz[oó]n|casilla|cuenta).{0,30}(?:desconocid[oa]|no existe|inexistente|inv[aá]lid[oa]|no (?:se )?encontr|ha expirado|dad[oa] de baja|eliminad[oa])|(?:usu[aá]rio|destinat[aá]rio|endere[cç]o|caixa postal|conta).{0,30}(?:desconhecid[oa]|n[aã]o existe|inexistente|inv[aá]lid[oa]|n[aã]o encontrad)/,
      /(?:utente|destinatario|indirizzo|casella).{0,30}(?:sconosciut[oa]|inesistente|non esiste|non valido|non trovat)|(?:gebruiker|ontvanger|mailbox|adres).{0,30}(?:onbekend|bestaat niet|niet gevonden)|(?:użytkownik|odbiorca|adres|skrzynka|konto).{0,30}(?:nieznany|nie istnieje|nie znaleziono|niepoprawny)|(?:anv[äa]ndare|mottagare|bruger|modtager|bruker|mottaker).{0,30}(?:ok[äa]nd|ukendt|ukjent|finns inte|findes ikke|finnes ikke)|(?:kullanıcı|alıcı|adres).{0,30}(?:bulunamadı|bilinmiyor|yok|geçersiz)|(?:uživatel|příjemce|adresát|schránka).{0,30}(?:neexistuje|neznámý|nenalezen)/,
      /(?:пользовател|получател|адресат|ящик|адрес).{0,40}(?:не существует|не найден|неизвест|недействит|не зарегистрирован)|неизвестный (?:пользователь|получатель|адресат)|(?:користувач|адресат|одержувач).{0,40}(?:не існує|не знайдено|невідом)/,
      /(?:ユーザー?|宛先|アドレス|メールアドレス|受信者|送信先).{0,25}(?:存在し(?:ない|ません)|見つか(?:らない|りません)|不明|無効|ありません)|(?:用户|用戶|使用者|收件人|帐号|帳號|邮箱|郵箱|信箱|地址).{0,15}(?:不存在|未找到|找不到|无效|無效|未知)|(?:사용자|수신자|받는 사람|주소|계정|메일박스).{0,20}(?:없|존재하지|찾을 수|알 수 없|잘못)|(?:người (?:dùng|nhận)|địa chỉ|hộp thư|tài khoản).{0,25}(?:không tồn tại|không tìm thấy|không hợp lệ|không xác định)|(?:المستخدم|المستلم|العنوان|الحساب|صندوق البريد).{0,30}(?:غير موجود|غير معروف|غير صالح|لا يوجد)/,
    ],
  },
  {
    cause: 'unknown_host',
    class: 'hard',
    source: 'RFC 3463 §3.2 (x.1.2), RFC 7505 (null MX), RFC 7504 (521, 556); learn.microsoft.com (5.4.310)',
    words: [
      /\b(?:no such|unknown|invalid|illegal|non-?existent|bad destination) (?:mail |email |recipient |destination )*(?:domain|host)\b/,
      /\b(?:host|domain)(?: @| name| [a-z0-9.-]{1,80})? ?(?:or domain name |or domain )?(?:is |was |could |does |has |cannot be |can't be )*(?:unknown|not (?:be )?found|not exist|doesn't exist|non-?existent|not reachable|unresolvable|expired and)/,
      /(?<![^ ])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5} does not exist\b/,
      /\b(?:name service error|nxdomain|dns lookup failure|unrouteable (?:mail domain|address)|unroutable address|all relevant mx records|dns domain .{0,60}does not exist|nonexistentdomain)/,
      /\b(?:no|couldn'?t find|could not find|cannot find|unable to find) (?:a |an |any )?(?:valid )?(?:mx|mail exchanger|mail server|a record|host named|dns)\b/,
      /\b(?:does not|doesn't|not) accept(?:ing)? (?:any |network |inbound )*(?:mail|e-?mail|messages|smtp)\b(?! (?:from|that|with|sent))|\bnull ?mx\b|\bno smtp service\b|\bno smtp server/,
      /\baccount or domain may not exist\b|domain existiert nicht|(?:domaine|dominio|dom[ií]nio).{0,20}(?:n'existe pas|no existe|n[aã]o existe|inexistant|inesistente|non esiste)|домен.{0,20}не (?:существует|найден)|(?:域名|网域|ドメイン|도메인).{0,12}(?:不存在|存在しません|見つかりません|없)|tên miền.{0,20}không tồn tại/,
    ],
  },
  {
    cause: 'relay',
    class: 'policy',
    source: 'RFC 5321 §3.6.2; Postfix, Exim and Exchange relay refusals',
    words: [
      /\brelay(?:ing)?(?: access| mail| operation)? (?:is )?(?:denied|not (?:permitted|allowed)|rejected|prohibited|forbidden)|\bunable to relay|\bnot (?:permitted|allowed|authorized|able) to relay|\bwe do not relay|\bopen relay\b|\brelaying denied|\bno relaying/,
    ],
  },
  {
    cause: 'size',
    class: 'other',
    source: 'RFC 3463 §3.3 (x.2.3), §3.4 (x.3.4); RFC 5321 §4.5.3.1',
    words: [
      /\bmessage (?:is )?(?:too (?:big|large|long)|size exceeds|exceeds|length exceeds)|\b(?:size|length) (?:of (?:the )?message )?exceeds|\bmax(?:imum)? message size|\bmessage size\b/,
    ],
  },
  {
    cause: 'policy',
    class: 'policy',
    source:
      'RFC 3463 §3.8 (x.7.x), RFC 7372; postmaster pages of Gmail, Outlook, Yahoo, T-Online, Proofpoint',
    words: [
      /\b(?:spamhaus|spamcop|barracuda|sorbs|surbl|uribl|uceprotect|invaluement|proofpoint|cloudmark|mimecast|senderscore|abusix|rbls?|dnsbls?|dnswl|ipcheck)\b/,
      /\b(?:black|block|deny|ban|reject)[- ]?(?:ed )?list|\bblock(?:ed|ing)?\b|\bbanned\b|\b(?:poor|low|bad) reputation|\breputation\b|\blisted (?:in|on|at|by)\b|\bs3140\b|\baup#/,
      /\bspam|\bjunk\b|\bunsolicited|\bbulk (?:mail|e-?mail)|\bvirus|\bmalware|\bphish|\bsuspicious|\bcontent (?:filter|rejected|policy|restriction)|\bmessage (?:content|refused|rejected|filtered)|\bsuspected\b|\bcontains? (?:a )?(?:url|link|attachment)/,
      /\bspf\b|\bdkim\b|\bdmarc\b|\barc\b seal|\breverse dns|\bptr\b|\brdns\b|\bhelo\b|\behlo\b|\bunauthenticated|\bauthenticat|\btls\b|\bnot rfc ?(?:5322|2822|822)|\brfc[- ]?(?:5322|2822) compli/,
      /\bpolic(?:y|ies)\b|\bprohibited|\bnot (?:permitted|allowed|accepted|authorized)\b|\badministrative|\bsecurity\b|\baccess (?:denied|not allowed|refused|forbidden)|\bpermission|\brestrict|\bunwelcome|\brefus(?:ed|es) (?:your|mail|due|by)|\bdenied\b/,
      /\bmail ?policy\b|\bspoof|\bmail (?:is |was )?(?:rejected|rejet[ée])|\brejected by (?:the |this |its |their )?(?:users?|recipients?|destination|remote)\b|\ba problem occurred\. \(ask your postmaster\b/,
      /\bspamverdacht|\babgelehnt wegen|\brichtlinie|liste noire|lista negra|liste nere|чёрн(?:ый|ом) спис|черн(?:ый|ом) спис|спам|垃圾|スパム|迷惑メール|스팸/,
    ],
  },
  {
    cause: 'temporary',
    class: 'soft',
    source: 'RFC 3463 §3.4, §3.5 (x.3.x, x.4.x); learn.microsoft.com (5.4.300, 5.4.317)',
    words: [
      /\bhosts? (?:have|has) been failing|\bhost (?:is )?not (?:reachable|responding)|\b(?:not|isn't) responding/,
      /\btim(?:e|ed)[- ]?out\b|\btimed out|\bexpired?\b|\bgiving up|\bgave up|\bretry time|\bretries\b|\bcould not deliver for|\bdelivery failed \d+ attempts|\baborted after|\bin the queue too long|\bafter \d+ (?:hours?|days?|attempts|tries)|\btoo old\b|\bundeliverable for|\bnot (?:been )?able to deliver .{0,30}(?:hours|days)/,
      /\b(?:unable|failed|cannot|can't|could not|couldn't|impossible) (?:to )?(?:connect|establish|contact|reach|transfer|open connection)|\bdid not (?:accept our requests to connect|respond|answer)|\bconnection (?:refused|reset|lost|dropped|closed|failed|died|timed)|\b(?:host|network) (?:is )?(?:unreachable|down)|\bno route\b|\bnetwork error|\bno answer from host|\bremote (?:host|server) (?:closed|is down)|\bunable to deliver .{0,40}retries|\bis too busy/,
      /\bhop count|\btoo many hops|\b(?:mail|routing|delivery|email|message) loop|\bloops? back|\bloop detected|\blooping|\bin a loop/,
      /\b(?:internal|system|server|local|resources?|configuration|i\/o|lookup|processing|database) (?:system |server |configuration |delivery |processing )*(?:error|failure|problem|temporarily|unavailable)|\bservice (?:is )?(?:currently |temporarily |not )?(?:unavailable|available)|\btransaction failed|\btemporar|\bout of memory|\bcan(?:'t|not) (?:create|open|write|append|lock)|\bcouldn'?t (?:create|open|write)|\bsystem (?:is )?(?:not capable|full|shut ?ting)|\btransfer of mail|\berror transferring|\bsoftware error/,
    ],
  },
  {
    cause: 'mailbox_unavailable',
    class: 'hard',
    source: 'RFC 5321 §4.2.3 (550); support.google.com/mail/?p=DisabledUser',
    words: [
      /\b(?:mailbox|account|user|recipient|address)(?: @| address| that you tried to reach)? ?(?:is |was |has been |currently )*(?:unavailable|disabled|inactive|deactivated|suspended|rejected(?!:))\b/,
      /^(?:5\d\d )?@ rejected$/,
    ],
  },
]
