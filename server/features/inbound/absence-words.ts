/**
 * Subjects of automatic answers, as programs of many languages write them, in lower case and with plain apostrophes.
 * Found by reading what mail programs are set to and what people reported; a subject that only looks like one is a guess.
 */

/** Words that programs put there and people hardly ever do. */
const automatic =
  'auto(?:matic|mated|mat)?[ -]?(?:reply|response|responder|message|antwort)|auto-?reply|auto-?response|yahoo! auto response|automatische antwort|automatisch(?:e)? antwoord|outomatiese antwoord|réponse automatique|message automatique|accusé de réception(?: automatique)?|respuesta autom[áa]tica|acuse de recibo(?: automático)?|resposta autom[áàa]tica|risposta automatica|eingangsbestätigung|autosvar|automatiskt svar|automatisk svar|sjálfvirkt svar|automaattinen vastaus|odpowiedź automatyczna|automatyczna odpowiedź|autoodpowiedź|automatická odpov[ěe][ďd]|automatikus válasz|automatski odgovor|samodejni odgovor|аутоматски одговор|автоматски одговор|автоответ|автоматический ответ|автоматична відповідь|автовідповідь|аўтаматычны адказ|автоматты жауап|автоматичен отговор|răspuns automat|αυτόματη απάντηση|otomatik yan[ıi]t|otomatik cevap|avtomatik cavab|përgjigje automatike|erantzun automatikoa|awtomatikong (?:sagot|tugon)|(?:thư |câu )?trả lời tự động|자동 ?응답|자동 ?회신|自動応答|自動返信|自动回复|自动答复|自動回覆|自動回復|الرد التلقائي|رد تلقائي|پاسخ خودکار|خودکار جواب|स्वचालित (?:उत्तर|जवाब)|স্বয়ংক্রিয় উত্তর|ავტომატური პასუხი|ավտոմատ պատասխան|מענה אוטומטי|תגובה אוטומטית|תשובה אוטומטית|(?:การ)?ตอบกลับอัตโนมัติ|balasan (?:otomatis|automatik)|jawapan automatik|automaatne vastus|automaatvastus|automātisk[āa] atbilde|automatinis atsakymas|jibu la kiotomatiki'

/** Who it is about, before the words that say why. */
const self =
  "(?:(?:i am|i'm|currently|ich bin|wir sind|je suis|nous sommes|estoy|estamos|estou|sono|siamo|ik ben|jag är|jeg er|olen|jestem|jsem|som|momentan|derzeit|ben|я|мы|ми|tôi đang|tôi|saya|أنا|我正在|我在) ?){0,2}"

/** Words for being away, which people use too. */
const away =
  "out[ -]of[ -](?:the )?office(?: (?:auto-?reply|notification|message|reply))?|away from (?:the |my )?office|away|(?:on|away on) (?:vacation|holiday|holidays|leave|annual leave|(?:parental|maternity|paternity|sick) leave|pto)|(?:annual|parental|maternity|paternity|sick) leave|vacation (?:reply|notice|message|response)|ooo|oof|absence notice|abwesenheit|abwesend|abwesenheits(?:notiz|meldung|nachricht|benachrichtigung|assistent|agent)|nicht im (?:büro|haus(?:e)?)|(?:im|in) urlaub|urlaubs?(?:meldung|benachrichtigung|notiz)|afwezig(?:heid)?(?:sbericht|smelding)?|niet op kantoor|absence(?: du bureau)?|absente?(?: du bureau)?|message d'absence|en congés?|fuera de (?:la )?oficina|ausencia(?: de (?:la )?oficina)?|de vacaciones|ausente|fora do escrit[óo]rio|aus[êe]ncia(?: tempor[áa]ria)?(?: do escrit[óo]rio)?|de f[ée]rias|fuori (?:sede|ufficio)|assente|assenza(?: dall'ufficio)?|in ferie|frånvaro(?:meddelande)?|frånvarande|betriebs(?:ferien|urlaub)|fermeture annuelle|(?:office|christmas|holiday) clos(?:ed|ure)|na urlopie|fraværende|ikke (?:til stede|tilstede)|(?:ej|inte) på kontoret|på semester|fravær(?:smelding)?|ikke på kontoret|på ferie|poissa(?: toimistosta)?|poissaolo(?:viesti)?|lomalla|poza biurem|nieobecność(?: w (?:biurze|pracy))?|urlop|mimo kancel[áa][řr]|nejsem v kanceláři|nepřítomnost|neprítomnosť|dovolená|házon kívül|szabadság(?:on)?(?: vagyok)?|odsut[ao]n|odsutna|odsot(?:en|na)|izven pisarne|otsut(?:an|na)|отсутствие|в отпуске|отсутствую(?: на рабочем месте)?|вне офиса|нет (?:на месте|в офисе)|не в офісі|поза офісом|у відпустці|извън офиса|absent din birou|în afara biroului|în concediu|εκτός γραφείου|ofis dışında(?:yım)?|(?:yıllık )?izinde(?:yim)?|vắng mặt|(?:đang )?nghỉ phép|부재 ?중(?:입니다)?(?: ?(?:알림|안내))?|휴가 ?중(?:입니다)?|不在(?:通知|のお知らせ|です)?|休暇(?:中|のお知らせ)?(?:です)?|外出中(?:です)?|外出|休假|不在办公室|خارج المكتب|في إجازة|מחוץ למשרד|ไม่อยู่ที่สำนักงาน|di luar kantor|sedang cuti"

/** Of people who have left, mailboxes that no one reads, and systems that confirm what they got. */
const confirming =
  "(?:i am |i'm |i |he is |she is |is )?no longer (?:with (?:the company|us|[a-z0-9 .&-]{2,30})|working here|work(?:s|ing)? (?:here|at [a-z0-9 .&-]{2,30}))|(?:this |the )?(?:mailbox|inbox|e-?mail address|address) (?:is )?(?:no longer|not) (?:monitored|in use|active|valid|being monitored)|(?:thank you|thanks) for (?:your (?:e-?mail|message|inquiry|enquiry|request)|contacting|getting in touch|reaching out|writing to)|(?:we(?: have|'ve)? )?received your (?:e-?mail|message|request|inquiry|enquiry)|your (?:e-?mail|message|request|inquiry|enquiry|ticket) (?:has been|was) received|ticket received|(?:ihre|deine) (?:anfrage|nachricht|e-?mail) ist (?:bei uns )?eingegangen|vielen dank für (?:ihre|deine) (?:anfrage|nachricht|e-?mail)|eingangsbestätigung|empfangsbestätigung|merci (?:pour|de) votre (?:message|e-?mail|mail|demande)|nous avons bien reçu votre|hemos recibido su|gracias por (?:su|tu) (?:mensaje|correo|contacto)|recebemos (?:a )?sua|obrigad[oa] (?:pelo|por) (?:seu )?(?:e-?mail|contato|contacto)|abbiamo ricevuto|grazie per (?:averci contattato|il tuo messaggio|la sua richiesta)|bedankt voor (?:uw|je) (?:bericht|e-?mail)|tack för ditt (?:mejl|mail|meddelande)|お問い合わせ(?:ありがとうございます|を受け付けました)|感谢您的(?:来信|邮件|咨询)|문의(?:해 주셔서|가 접수)"

/** Words that say so only together with a date. */
const untilWhen =
  'urlaub|ferien|f[ée]rias|vacaciones|vacances|congés?|ferie|borta|отпуск|cuti|on trips?|travell?ing'

const answered =
  '(?:\\s{0,3}(?:re|aw|sv|antw|rif|res|odp|ynt|vs)\\s{0,3}[:：]){0,3}\\s{0,3}(?:auto\\s?:\\s{0,3})?[\\[(【「]?\\s?'
const until =
  "\\s(?:until|till|through|from|bis|vom|ab|jusqu'?au|hasta|fino|tot|t\\.o\\.m|till?|do|до|atm|até|\\d)"
const end = `(?:\\s{0,3}(?:[:：;–—|\\])】」!]|-\\s)|\\s{0,3}$|\\.\\s{0,3}$|\\s(?:re|aw|fwd?|wg)\\s?:|${until})`

const opening = new RegExp(
  `^${answered}(?:(?:${automatic})${end}|${self}(?:${away})(?:${end}| ?(?:の)?(?:${automatic})$)|${self}(?:${untilWhen})${until})`,
  'iu',
)
/** “Ich bin bis 7.12. nicht im Büro”: who it is about, until when, and that they are away. */
const untilAway = new RegExp(
  `^${answered}${self}(?:until|till|bis(?: zum)?|jusqu'au|hasta el|fino al|tot) .{1,20} (?:${away})${end}`,
  'iu',
)
/** Not behind a “Re:”, which no such system writes. */
const confirmation = new RegExp(`^\\s{0,3}(?:${confirming})(?![\\p{L}\\p{Nd}])(?!.{0,200}[?？])`, 'iu')
/** A subject that some program has put its mark behind. */
const closing = new RegExp(`[\\[(【](?:${automatic})[\\])】]\\s{0,3}$`, 'iu')
/** “On leave: can we pause the trial?” is a person’s question; a program repeats ours behind its own words. */
const question = /^(?:(?:on|in|en|de|away) .{1,30}:.{0,200}|[^:：\])】]{1,200})[?？]\s{0,3}$/iu
/** Lotus Notes. */
const notes = /^\s{0,3}AUTO:\s/

export function isAbsenceSubject(subject: string): boolean {
  const text = subject.slice(0, 300).replace(/[\u2018\u2019]/g, "'")
  if (notes.test(text) || closing.test(text) || confirmation.test(text)) return true
  return (opening.test(text) || untilAway.test(text)) && !question.test(text)
}
