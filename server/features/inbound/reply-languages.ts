/**
 * Words by which email clients of many languages mark what is not the writer’s: header lines of the email answered,
 * introductions of a quote, lines about the device. Lower case, without the colon.
 */

const words = (text: string): string[] => text.split('|').map((word) => word.trim())

const from = words(
  'from|von|de|da|van|från|fra|lähettäjä|od|feladó|kimden|gönderen|от|от кого|відправник|від|από|发件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람|발신|발신자|từ|người gửi|من|المرسل|מאת|จาก|dari|expéditeur|mittente|remitente|remetente|de la|expeditor|odesílatel|odesilatel|odosielateľ|nadawca|absender|afsender|avsändare|avsender|afzender|nuo|no|saatja|pošiljatelj|šalje|pošiljalac|pengirim|de parte de',
)
const sent = words(
  "sent|date|message du|sent on|gesendet|gesendet am|datum|envoyé|envoyé le|date d'envoi|enviado|enviado el|enviado em|enviada em|enviada|fecha|fecha de envío|data|inviato|data invio|verzonden|skickat|sendt|dato|lähetetty|päivämäärä|pvm|wysłano|wysłane|data wysłania|odesláno|odoslané|dátum|elküldve|küldve|gönderildi|gönderilme tarihi|tarih|отправлено|дата|отправлен|дата отправки|надіслано|στάλθηκε|ημερομηνία|发送时间|发送日期|日期|时间|寄件日期|傳送時間|時間|送信日時|日時|送信日|보낸 날짜|날짜|발신일|đã gửi|ngày|ngày gửi|تاريخ الإرسال|تم الإرسال|التاريخ|أرسل|أُرسلت|נשלח|תאריך|ส่ง|ส่งเมื่อ|วันที่|trimis|trimis la|dikirim|tanggal|išsiųsta|data|saadetud|kuupäev|poslano|poslato|nosūtīts",
)
const to = words(
  'to|an|à|a|al|para|per|aan|till|til|vastaanottaja|do|komu|címzett|kime|alıcı|кому|получатель|одержувач|προς|收件人|收件者|宛先|받는 사람|받는사람|수신|수신자|đến|tới|người nhận|إلى|المستلم|אל|ถึง|către|kepada|destinataire|destinatario|destinatário|pro|adresat|kam|kas|saaja|prima|za|cc|kopie|kopia|kopi|copie|copia|cópia|dw|kopija|másolatot kap|bilgi|копия|копія|κοιν|抄送|副本|참조|đồng gửi|نسخة|עותק|reply-to',
)
const subject = words(
  'subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|tárgy|konu|тема|θέμα|主题|主題|主旨|件名|제목|chủ đề|tiêu đề|الموضوع|נושא|เรื่อง|หัวเรื่อง|subiect|subjek|perihal|tema|teema|priekšmets|naslov|zadeva',
)

export type HeaderRole = 'from' | 'sent' | 'to' | 'subject'

const roles = new Map<string, Set<HeaderRole>>()
for (const [role, list] of Object.entries({ from, sent, to, subject }) as [HeaderRole, string[]][])
  for (const word of list) roles.set(word, (roles.get(word) ?? new Set()).add(role))

const none: ReadonlySet<HeaderRole> = new Set()

/** What a line such as `*Von:* Dana` is in the header of an email answered; some words are more than one thing. */
export function headerRoles(line: string): ReadonlySet<HeaderRole> {
  const found = line.slice(0, 60).search(/[:：]/)
  if (found < 1) return none
  const label = line
    .slice(0, found)
    .replace(/[*_>\s\u200e\u200f]+/g, ' ')
    .trim()
    .toLowerCase()
  return roles.get(label) ?? none
}

/** “… wrote:” */
export const introVerb =
  /\b(?:wrote|writes|schrieb|schreibt|(?:a|à) écrit|écrit|escribió|escribio|escreveu|ha scritto|scrive|schreef|skrev|skriver|kirjoitti|pisze|napisał|napisała|napisano|napsal|napsala|napísal|napísala|írta|a scris|menulis|napisao|napisala|rašė|rakstīja|kirjutas|je napisal)\b|yazdı|написал|пишет|пише|написав|έγραψε|写道|寫道|님이 작성|작성|のメール|は書きました|書きました|đã viết|viết|كتب|כתב|เขียน/iu

/** “----- Original Message -----” */
export const originalMessage =
  /original message|forwarded message|forwarded by|begin forwarded|reply message|ursprüngliche nachricht|original-?nachricht|originalnachricht|weitergeleitete nachricht|message d['’]origine|message original|message transféré|mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada|messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|ursprungligt meddelande|originalmeddelande|oprindelig (?:meddelelse|besked)|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość|původní zpráva|pôvodná správa|eredeti üzenet|mesaj original|orijinal mesaj|özgün ileti|исходное сообщение|пересылаемое сообщение|оригинальное сообщение|вихідне повідомлення|αρχικό μήνυμα|原始邮件|邮件原件|原始郵件|原邮件|元のメッセージ|転送メッセージ|원본 메시지|원본 메일|thư gốc|thư đã chuyển tiếp|الرسالة الأصلية|الرسالة الاصلية|ההודעה המקורית|ข้อความต้นฉบับ|pesan asli/iu

/** Lines that phones and programs put under every email. */
export const deviceLine =
  /^(?:sent|get outlook|enviado|envoyé|télécharge|von meinem|gesendet|diese nachricht wurde von|inviato|scarica|verzonden|verstuurd|download|skickat|sendt|lähetetty|wysłane|odesláno|odoslané|küldve|elküldve|iphone|отправлено|надіслано|στάλθηκε|发自|發自|從我的|从我的|來自|나의|내 |iphone에서|gửi từ|được gửi|أرسلت|تم الإرسال|أُرسلت|מ-?iphone|נשלח|ส่งจาก|trimis|dikirim|obtenir outlook|obtener outlook|obtenha o outlook|ottieni outlook|outlook (?:for|für|pour|para|per|voor)|yahoo mail|mit der .{1,20} app gesendet)(?=.{0,80}(?:iphone|ipad|android|outlook|samsung|galaxy|huawei|xiaomi|phone|handy|smartphone|mobile|mobil|mobiel|móvil|telefon|téléphone|telefoon|puhelime|yahoo|proton|gmail|blackberry|windows|mail|app|gmx|web\.de|telekom|orange|手机|手機|휴대|보냄|보낸|điện thoại|هاتف|الجوال|telefonu|iOS|Mac))|^(?:sent from|von meinem|sendt fra|skickat från|lähetetty|envoyé de|enviado desde|enviado do|inviato da|verzonden vanaf|gesendet von|wysłane z|発信元|発信|iphoneから送信|iphone から送信|发自我的|傳自我的|從我的|나의 iphone|내 iphone).{0,80}$|から送信$|에서 보냄$/iu
