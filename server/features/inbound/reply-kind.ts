import type { InboundMail } from './parse-mail.ts'

/** Subjects of automatic answers, as mail programs of many languages begin them. */
const autoSubject =
  /^\s*(?:(?:re|aw|sv|antw|rif|res)\s*:\s*)?(?:auto(?:matic|mated)?[ -]?(?:reply|response|antwort)|autoreply|out of (?:the )?office|away from (?:the |my )?office|on (?:vacation|holiday|leave)|abwesen|automatische antwort|automatisch antwoord|afwezig|r[ée]ponse automatique|absence du bureau|absent(?:e)? du bureau|message d['’]absence|respuesta autom[áa]tica|fuera de la oficina|resposta autom[áa]tica|fora do escrit[óo]rio|risposta automatica|fuori sede|autosvar|automatiskt svar|frånvaro|poissa|automaattinen vastaus|odpowiedź automatyczna|automatyczna odpowiedź|automatická odpověď|автоответ|автоматический ответ|отсутстви|trả lời tự động|thư trả lời tự động|vắng mặt|자동 ?응답|부재중|自動応答|自動返信|不在|自动回复|自動回覆|外出|رد تلقائي|خارج المكتب|otomatik yanıt|ofis dışında)/iu

const automaticSender =
  /^(?:mailer-daemon|postmaster|mail-?daemon|no-?reply|do-?not-?reply|noreply|bounce|autoreply|auto-?confirm)(?:[+._-].*)?@/i

const presentHeaders = ['x-autoreply', 'x-autorespond', 'x-auto-reply-from', 'x-mail-autoreply']

/**
 * RFC 3834 and what is done in practice.
 * @returns why it was not written by a person, or null when it was.
 */
export function automaticReason({ envelope, headers, fromAddress, subject }: InboundMail): string | null {
  const submitted = headers.get('auto-submitted')?.toLowerCase()
  if (submitted && !submitted.startsWith('no')) return `Auto-Submitted: ${submitted}`
  if (envelope.from === '' || headers.get('return-path') === '<>') return 'empty envelope sender'
  const header = presentHeaders.find((name) => headers.has(name))
  if (header) return `it has ${header}`
  const precedence = headers.get('precedence')?.toLowerCase() ?? ''
  if (/^(bulk|list|junk|auto_reply|auto-reply)/.test(precedence)) return `Precedence: ${precedence}`
  if (/oof|autoreply|all/i.test(headers.get('x-auto-response-suppress') ?? '') && autoSubject.test(subject))
    return 'X-Auto-Response-Suppress'
  if (/\bmultipart\/report\b/i.test(headers.get('content-type') ?? '')) return 'it is a report'
  if (automaticSender.test(fromAddress)) return 'an automatic sender'
  return autoSubject.test(subject) ? 'its subject is that of an automatic answer' : null
}

/** The new words of a reply: without the quoted mail and its introduction. */
export function replyText(text: string): string {
  const lines = text.split(/\r?\n/)
  const quoteAt = lines.findIndex(
    (line, index) =>
      /^\s*>/.test(line) ||
      /^-{2,}\s*(original message|forwarded message|ursprüngliche nachricht|message d['’]origine|mensaje original|thư gốc|원본 메시지|الرسالة الأصلية)\s*-{2,}/i.test(
        line,
      ) ||
      /^_{10,}$/.test(line.trim()) ||
      introducesQuote(line, lines[index + 1] ?? ''),
  )
  const own = quoteAt < 0 ? lines : lines.slice(0, quoteAt)
  const joined = own.join('\n').trim()
  return joined === '' ? text.trim() : joined
}

const opensQuote = /^\s*(on|am|le|el|il|op|den|vào|em|в)\b.{5,200}$/iu
const closesQuote =
  /(wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev|đã viết|escreveu|написала?)\s*:?\s*$|\b(schrieb|schreef|skrev)\s.{1,200}:\s*$/iu

/**
 * “On Thu, 9 Jan 2025, Dana wrote:”, in one line or two, in several languages; some name the writer last: “Am Do., 9. Jan.
 * 2025 um 10:12 Uhr schrieb Dana:”.
 */
const introducesQuote = (line: string, next: string): boolean =>
  (opensQuote.test(line) && (closesQuote.test(line) || closesQuote.test(next))) ||
  /(님이 작성|작성|さんは書きました|写道)\s*[:：]\s*$/u.test(line) ||
  /^.{0,120}كتب.{0,120}:\s*$/u.test(line)

/** A reply that says nothing but this is a wish to get no more mail. */
export const isStopWord = (text: string): boolean =>
  /^(please\s+)?(stop|unsubscribe|remove me|opt out|abmelden|abbestellen|d[ée]sabonner|d[ée]sinscription|baja|darse de baja|cancelar suscripci[óo]n|hủy đăng ký|huỷ đăng ký|수신거부|수신 거부|구독 취소|إلغاء الاشتراك)[\s.!]*$/iu.test(
    text.trim(),
  )
