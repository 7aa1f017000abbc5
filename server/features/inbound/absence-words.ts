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
  "out[ -]of[ -](?:the )?office(?: (?:auto-?reply|notification|message|reply))?|away from (?:the |my )?office|away|(?:on|away on) (?:vacation|holiday|holidays|leave|annual leave|(?:parental|maternity|paternity|sick) leave|pto)|(?:annual|parental|maternity|paternity|sick) leave|vacation (?:reply|notice|message|response)|ooo|oof|absence notice|abwesenheit|abwesend|abwesenheits(?:notiz|meldung|nachricht|benachrichtigung|assistent|agent)|nicht im (?:büro|haus(?:e)?)|(?:im|in) urlaub|urlaubs?(?:meldung|benachrichtigung|notiz)|afwezig(?:heid)?(?:sbericht|smelding)?|niet op kantoor|absence(?: du bureau)?|absente?(?: du bureau)?|message d'absence|en congés?|fuera de (?:la )?oficina|ausencia(?: de (?:la )?oficina)?|de vacaciones|ausente|fora do escrit[óo]rio|aus[êe]ncia(?: tempor[áa]ria)?(?: do escrit[óo]rio)?|de f[ée]rias|fuori (?:sede|ufficio)|assente|assenza(?: dall'ufficio)?|in ferie|frånvaro(?:meddelande)?|(?:ej|inte) på kontoret|på semester|fravær(?:smelding)?|ikke på kontoret|på ferie|poissa(?: toimistosta)?|poissaolo(?:viesti)?|lomalla|poza biurem|nieobecność(?: w (?:biurze|pracy))?|urlop|mimo kancel[áa][řr]|nejsem v kanceláři|nepřítomnost|neprítomnosť|dovolená|házon kívül|szabadság(?:on)?(?: vagyok)?|odsut[ao]n|odsutna|odsot(?:en|na)|izven pisarne|otsut(?:an|na)|отсутствие|в отпуске|отсутствую(?: на рабочем месте)?|вне офиса|нет (?:на месте|в офисе)|не в офісі|поза офісом|у відпустці|извън офиса|absent din birou|în afara biroului|în concediu|εκτός γραφείου|ofis dışında(?:yım)?|(?:yıllık )?izinde(?:yim)?|vắng mặt|(?:đang )?nghỉ phép|부재 ?중(?:입니다)?(?: ?(?:알림|안내))?|휴가 ?중(?:입니다)?|不在(?:通知|のお知らせ|です)?|休暇(?:中|のお知らせ)?(?:です)?|外出中(?:です)?|外出|休假|不在办公室|خارج المكتب|في إجازة|מחוץ למשרד|ไม่อยู่ที่สำนักงาน|di luar kantor|sedang cuti"

/** Words that say so only together with a date. */
const untilWhen =
  'urlaub|ferien|f[ée]rias|vacaciones|vacances|congés?|ferie|borta|отпуск|cuti|on trips?|travell?ing'

const answered =
  '(?:\\s{0,3}(?:re|aw|sv|antw|rif|res|odp|ynt|vs)\\s{0,3}[:：]){0,3}\\s{0,3}(?:auto\\s?:\\s{0,3})?[\\[(【「]?\\s?'
const until =
  "\\s(?:until|till|through|from|bis|vom|ab|jusqu'?au|hasta|fino|tot|t\\.o\\.m|till?|do|до|atm|até|\\d)"
const end = `(?:\\s{0,3}(?:[:：;–—|\\])】」!]|-\\s)|\\s{0,3}$|\\.\\s{0,3}$|\\s(?:re|aw|fwd?|wg)\\s?:|${until})`

const opening = new RegExp(
  `^${answered}(?:(?:${automatic})${end}|${self}(?:${away})${end}|${self}(?:${untilWhen})${until})`,
  'iu',
)
/** A subject that some program has put its mark behind. */
const closing = new RegExp(`[\\[(【](?:${automatic})[\\])】]\\s{0,3}$`, 'iu')
/** “On leave: can we pause the trial?” is a person’s question; a program repeats ours behind its own words. */
const question = /^(?:on|in|en|de|away) .{1,30}:.{0,200}[?？]\s{0,3}$/iu
/** Lotus Notes. */
const notes = /^\s{0,3}AUTO:\s/

export function isAbsenceSubject(subject: string): boolean {
  const text = subject.slice(0, 300).replace(/[\u2018\u2019]/g, "'")
  return notes.test(text) || closing.test(text) || (opening.test(text) && !question.test(text))
}
