/** Ways in which people ask by reply to get no more email, in the languages that emails go out in and some more. */

const textMaxChars = 600

/** Said alone they mean it; inside of a sentence they may mean anything. */
const bare =
  /^(?:stop|stop stop|unsubscribe|unsub|opt[ -]?out|remove|remove me|end|quit|cancel subscription|abmelden|abbestellen|abmeldung|austragen|stopp|désabonner|desabonner|désabonnement|désinscription|desinscription|désinscrire|stop pub|arrêt|baja|darse de baja|dar de baja|cancelar suscripción|cancelar subscrição|cancelar inscrição|descadastrar|sair da lista|remover|cancellami|disiscrivimi|cancellazione|disiscrizione|afmelden|uitschrijven|avregistrera|avsluta prenumeration|avmeld|afmeld|frameld|peruuta tilaus|peru tilaus|lopeta|wypisz|wypisz mnie|rezygnuję|odhlásit|odhlásiť|zrušit odběr|leiratkozás|leiratkozom|abonelikten çık|aboneliği iptal|listeden çıkar|dezabonare|dezabonează|отписаться|отписать|отпишите|стоп|відписатися|відписати|διαγραφή|退订|取消订阅|退訂|取消訂閱|配信停止|配信解除|登録解除|購読解除|停止|수신거부|수신 거부|구독 취소|구독취소|구독 해지|hủy đăng ký|huỷ đăng ký|hủy nhận tin|ngừng gửi|dừng lại|توقف|إلغاء الاشتراك|الغاء الاشتراك|إيقاف|הסר|הסירו|ยกเลิกการสมัคร|berhenti berlangganan|berhenti)$/iu

const please =
  '(?:please|pls|plz|kindly|bitte|merci de|svp|por favor|per favore|per cortesia|alstublieft|vänligen|venligst|proszę|prosím|lütfen|пожалуйста|будь ласка)'

/** How people begin a wish, before a verb in the form that such a beginning asks for. */
const wish =
  /^(?:i (?:want|would like|wish|'d like|need) to|ich (?:möchte|will|würde (?:mich )?gerne?)|je (?:souhaite|veux|voudrais|souhaiterais|désire)|quiero|quisiera|deseo|quero|gostaria de|desejo|favor|vorrei|voglio|desidero|vi prego di|ik wil|ik wens|wilt u|gelieve|graag|jag vill|jeg vil(?: gerne| gjerne)?|haluan|chcę|chciał[ab]+ym|proszę(?: o)?|prosím(?: o)?|chci|chcem|szeretnék|kérem|vreau|aș vrea|doresc|(?:я )?хочу|прошу|будь ласка|θέλω να|παρακαλώ|我想(?:要)?|我要|请(?:你|您)?帮我|請(?:你|您)?幫我|tôi muốn|xin|أرجو|أريد|الرجاء|يرجى|אנא|בבקשה|אני רוצה|โปรด|กรุณา|tolong|mohon|saya ingin) ?/u

/** What is wished then. */
const wished =
  /^(?:me (?:désabonner|désinscrire)|mich (?:abmelden|austragen)|abmelden|darme de baja|cancelar (?:a |la |mi |minha )?(?:inscrição|inscripción|suscripción|subscrição|assinatura)|me (?:descadastrar|desinscrever)|remover(?: (?:meu e-?mail|me))? da lista|(?:disiscriver|cancellar|rimuover)mi(?: .{2,30})?|cancellare (?:la mia iscrizione|il mio indirizzo)(?: .{2,30})?|(?:mij |me )?(?:uit te schrijven|uitschrijven|af te melden|afmelden)(?: .{2,30})?|avregistrera mig|avsluta prenumerationen|afmelde mig|melde meg av|perua .{0,20}tilauksen|(?:mnie )?wypisać(?: (?:się|mnie))?(?: z .{2,20})?|zrezygnować(?: z .{2,30})?|odhlásit(?: se)?|odhlášení(?: .{2,30})?|leiratkozni|törölj(?:ön|enek|ék)(?: .{2,30})?|(?:să )?mă dezabonez|dezabonare|отписаться(?: от .{2,30})?|(?:удалить|исключить|отписать|убрать) меня(?: (?:из|от) .{2,30})?|відписатися(?: .{2,30})?|(?:відписати|видалити) мене(?: .{2,30})?|διαγράψτε με(?: .{2,30})?|(?:να )?διαγραφώ|退订|取消订阅|退訂|取消訂閱|(?:hủy|huỷ) đăng ký|(?:إلغاء|الغاء) (?:اشتراكي|الاشتراك)|(?:הסירו|הסר|להסיר) אותי(?: .{2,30})?|ยกเลิกการสมัคร.{0,15}|berhenti berlangganan|hapus (?:saya|alamat saya)(?: dari .{2,30})?)$/u

/** Whole sentences. Each stands for itself, wherever in a short reply. */
const sentences: readonly RegExp[] = [
  // English
  /^(?:i (?:want|would like|wish|'d like|need) to |can you |could you |would you )?(?:please )?(?:unsubscribe|unsub|opt|remove|take|delete|drop|get) (?:me|us|my (?:e-?mail )?address|this (?:e-?mail|address))(?: (?:off|out|from|of)){0,2}(?: (?:this|your|the|all|any|these|future|further)(?: (?:mailing|e-?mail|email|distribution|contact|marketing))*(?: ?lists?| e-?mails?| messages| database| communications?| mailings?| newsletters?)?)?(?: (?:now|immediately|asap|as well))?$/,
  /^(?:i (?:want|would like|wish) to )?(?:please )?unsubscribe(?: from)?(?: (?:this|your|the|all|these))?(?: (?:mailing ?list|list|e-?mails?|newsletter))?$/,
  /^(?:please )?(?:stop|cease|quit) (?:e-?mailing|mailing|contacting|messaging|spamming|writing(?: to)?|sending)(?: me| us)?(?: (?:these|your|any more|any|more|further|such))*(?: (?:e-?mails?|messages|mails?|spam))?(?: (?:now|anymore|any more|to me))?$/,
  /^(?:please )?(?:do not|don't|dont|never) (?:e-?mail|mail|contact|message|write(?: to)?|send)(?: me| us)?(?: (?:any|more|any more|further|these|your))*(?: (?:e-?mails?|messages|mails?|spam))?(?: (?:again|anymore|any more|any longer))?$/,
  /^(?:i (?:do not|don't) (?:want|wish) (?:to (?:receive|get) )?|please )?no (?:more|further) (?:e-?mails?|messages|mails?)(?: please| from you)?$/,
  /^i (?:do not|don't|no longer) (?:want|wish)(?: to (?:receive|get))? (?:any )?(?:more |further |these |your |any more )*(?:e-?mails?|messages|mails?)(?: from you| anymore)?$/,
  /^i (?:want|would like|wish) to (?:opt out|be (?:removed|unsubscribed|taken off))(?: (?:from|of) .{1,30})?$/,
  /^(?:please )?(?:stop|end) (?:these|all|the|your) (?:e-?mails?|messages|mails?|mailings?|spam)$|^(?:please )?leave me alone$|^(?:please )?(?:cancel|end) my (?:e-?mail )?subscription(?: to (?:these|this|your|the) .{2,30})?$/,
  // German
  /^(?:bitte )?(?:melde?|melde?t|trage?|trag?t|nimm|nehmt|lösche?|löscht|streiche?|streicht|entferne?|entfernt) (?:mich|uns)(?: bitte)?(?: (?:aus|von) .{2,40}?)?(?: (?:ab|aus|heraus|raus))?$|^(?:bitte )?h(?:ör|ören sie|ört) (?:bitte )?auf mir (?:zu schreiben|(?:e-?)?mails? zu (?:schicken|senden|schreiben))$/,
  /^(?:bitte )?(?:keine|ich (?:möchte|will) keine) (?:weiteren |werbe-?|solchen )*(?:e-?mails?|mails?|nachrichten|werbung)(?: mehr)?(?: (?:an mich|von ihnen|von euch|bekommen|erhalten|senden|schicken|zusenden|zuschicken|mehr|bitte))*$/,
  /^(?:bitte )?(?:melden|tragen|nehmen|löschen|streichen|entfernen) sie (?:mich|uns|meine (?:e-?mail-?)?adresse)(?: bitte)?(?: (?:aus|von) .{2,40}?)?(?: (?:ab|aus|heraus|raus))?$/,
  /^(?:bitte )?(?:mich )?(?:aus|von) (?:der|dem|ihrem|eurem|ihrer|eurer) (?:(?:e-?mail-?)?(?:liste|verteiler|newsletter|mailingliste)) (?:nehmen|entfernen|streichen|löschen|austragen|abmelden)$/,
  /^(?:bitte )?(?:mich |newsletter )?(?:abmelden|abbestellen|austragen)(?: bitte)?$|^(?:bitte )?(?:schreiben|kontaktieren|senden|schicken) sie mir (?:bitte )?(?:nicht mehr|keine (?:weiteren )?(?:e-?mails?|mails?|nachrichten)(?: mehr)?)$/,
  // French
  /^(?:merci de (?:bien vouloir )?|veuillez |svp |s'il vous plaît )?(?:me |nous )?(?:désabonner|désinscrire|retirer|supprimer|enlever|ôter)(?:[- ]moi)?(?: (?:de|du) (?:votre|vos|cette|la|ces) ?(?:liste|listes|mails?|e-?mails?|emails?|newsletter|envois?|fichier)?(?: de diffusion)?)?(?: svp| merci)?$|^(?:désabonnez|désinscrivez|retirez|supprimez|enlevez)[- ](?:moi|nous)(?: (?:de|du) .{2,40})?$/,
  /^(?:merci de )?(?:ne (?:plus )?|n')?(?:m'envoyez|me contactez|m'écrivez|ne plus (?:m'envoyer|me contacter|m'écrire|recevoir))(?: plus)?(?: (?:de|d'|vos|aucun|des))?(?: ?(?:e-?mails?|mails?|messages?|courriels?))?(?: merci)?$|^(?:je ne (?:veux|souhaite) plus|ne plus) recevoir (?:de |d'|vos |ces )?(?:e-?mails?|mails?|messages?|courriels?)(?: de votre part)?$|^plus (?:de |d')?(?:e-?mails?|mails?|messages?)(?: svp| merci)?$/,
  // Spanish, Portuguese, Italian
  /^(?:por favor )?(?:denme|dadme|deme|dame|quiero darme|me quiero dar|desearía darme) (?:de )?baja(?: de .{2,40})?$|^(?:por favor )?(?:eliminen|elimínenme|elimíneme|quítenme|quíteme|bórrenme|sáquenme|borren)(?:me)?(?: (?:mi correo|mi dirección))?(?: (?:de|de su|de la) .{2,30})?$|^(?:por favor )?(?:no (?:me )?(?:envíen|envíe|manden|mande|escriban|contacten)|no (?:quiero|deseo) (?:recibir )?|dejen de (?:enviarme|mandarme|escribirme))(?: ?más)?(?: (?:correos?|e-?mails?|mensajes|mails?))?(?: más)?$|^no más (?:correos|e-?mails?|mensajes)$/,
  /^(?:por favor )?(?:me )?(?:remova|removam|retire|retirem|descadastre|exclua|cancele)(?:-?me)?(?: (?:meu|o meu) (?:e-?mail|endereço))?(?: (?:da|de|do) .{2,30})?$|^(?:por favor )?(?:não (?:me )?(?:envie|enviem|mande|mandem|escreva)|não quero(?: mais)?(?: receber)?|parem? de (?:me )?(?:enviar|mandar))(?: mais)?(?: (?:e-?mails?|mensagens))?(?: mais)?$/,
  /^(?:per favore |vi prego di )?(?:cancellatemi|cancellami|disiscrivetemi|disiscrivimi|rimuovetemi|rimuovimi|toglietemi|eliminatemi)(?: (?:dalla|dal|da) .{2,30})?$|^(?:per favore )?(?:non (?:inviatemi|mandatemi|scrivetemi|contattatemi|inviarmi|mandarmi)|non (?:voglio|desidero)(?: più)?(?: ricevere)?)(?: più)?(?: (?:e-?mail|mail|messaggi))?(?: più)?$|^basta (?:e-?mail|mail|messaggi)$/,
  /^(?:per favore )?(?:cancellate|eliminate|rimuovete) (?:il mio|la mia) (?:indirizzo|e-?mail|mail|iscrizione)(?: .{2,30})?$/,
  // Dutch, Nordic, Polish, Czech
  /^ik wil geen (?:e-?mails?|mails?|berichten) meer(?: (?:ontvangen|krijgen|van u|van jullie))*$|^jag vill inte (?:ha|få) (?:fler|mer) (?:mejl|mail|e-?post)(?: .{2,20})?$|^jeg (?:ønsker|vil) ikke (?:ha |have |motta |modtage )?flere (?:e-?mails?|mails?|e-?poster)(?: .{2,20})?$|^en halua (?:enää )?(?:lisää )?(?:sähköposteja|viestejä)$|^nie chcę (?:już )?(?:więcej |otrzymywać )*(?:maili|e-?maili|wiadomości)$/,
  /^(?:gelieve |graag |alstublieft )?(?:mij |me )?(?:uitschrijven|afmelden|verwijderen)(?: (?:van|uit) .{2,30})?(?: aub| alstublieft)?$|^(?:schrijf|meld|haal|verwijder) (?:mij|me)(?: (?:van|uit) .{2,30}?)?(?: (?:uit|af))?(?: aub| alstublieft)?$|^(?:stuur (?:mij |me )?)?geen (?:e-?mails?|mails?|berichten) meer(?: (?:aub|alstublieft|sturen))?$/,
  /^(?:vänligen |snälla )?(?:ta bort|avregistrera|avanmäl) mig(?: från .{2,30})?$|^(?:skicka )?inga fler (?:mejl|mail|e-?post)$|^(?:venligst |vennligst )?(?:fjern|afmeld|avmeld|slet) (?:mig|meg)(?: fra .{2,30})?$|^ikke flere (?:mails|e-?mails|e-?poster)$|^(?:poistakaa|poista) minut(?: .{2,30})?$|^(?:ei|ei enää) (?:enää )?(?:sähköposteja|viestejä)$/,
  /^(?:proszę )?(?:(?:o )?(?:wypisanie|usunięcie|wypisać|usunąć)(?: mnie)?(?: (?:z|ze) .{2,30})?|nie (?:wysyłać|przysyłać|chcę)(?: .{0,20})?(?:maili|e-?maili|wiadomości).{0,10})$|^(?:prosím )?(?:odhlaste|odhlásit|vyřaďte|odstraňte) mě(?: (?:z|ze) .{2,30})?$|^(?:už )?(?:mi )?(?:neposílejte|nechci)(?: mi)?(?: (?:žádné|další))*(?: (?:e-?maily|maily|zprávy))?$/,
  // Turkish, Russian, Ukrainian
  /^(?:abonelikten|listeden) (?:çıkmak|ayrılmak) istiyorum$/,
  /^(?:lütfen )?(?:beni |bizi )?(?:listeden|listenizden|abonelikten|e-?posta listesinden) (?:çıkarın|çıkarınız|çıkar|silin)$|^(?:lütfen )?(?:bana )?(?:bir daha |artık )?(?:e-?posta|mail|mesaj) (?:göndermeyin|atmayın|istemiyorum)$/,
  /^(?:пожалуйста )?(?:отпишите|удалите|исключите|уберите) (?:меня|мой адрес)(?: (?:из|от|с) .{2,30})?(?: пожалуйста)?$|^(?:пожалуйста )?(?:больше )?не (?:пишите|присылайте|шлите|отправляйте)(?: мне)?(?: больше)?(?: (?:писем|письма|сообщений))?(?: больше)?$|^(?:будь ласка )?(?:відпишіть|видаліть) мене(?: .{2,30})?$|^(?:більше )?не (?:пишіть|надсилайте)(?: мені)?(?: .{0,20})?$/,
  // Chinese, Japanese, Korean, Vietnamese, Arabic, Hebrew
  /^(?:登録|購読|配信|メルマガ)(?:を|の)?(?:解除|停止|中止)(?:を)?(?:して)?(?:ください|下さい|お願いします|希望します)$|^(?:구독|수신|이메일 ?수신)(?:을|를)? ?(?:취소|해지|거부)(?:해 ?주세요|하고 싶습니다|합니다|부탁드립니다| 부탁드립니다)$|^لا أريد (?:تلقي|استلام|استقبال)(?: أي| المزيد من)?(?: ?(?:رسائل|بريد|إيميلات))(?: .{2,20})?$|^(?:הסירו|הסר|תסירו|תורידו) אותי(?: (?:מ|מן )?.{2,30})?$/u,
  /^请?(?:不要再|别再|停止)(?:给我)?(?:发送?|寄)(?:任何)?(?:邮件|郵件|信息|广告)?(?:给我|了)?$|^請?(?:不要再|別再|停止)(?:給我)?(?:發送?|寄)(?:任何)?(?:郵件|訊息)?(?:給我|了)?$|^请?(?:将|把)我从.{0,12}(?:移除|删除)$|^请?(?:帮我)?(?:取消订阅|退订)(?:谢谢)?$/u,
  /^(?:今後)?(?:メール|メルマガ)?(?:の)?(?:配信|送信)(?:を)?(?:停止|中止|解除|止め)(?:して|て)?(?:ください|下さい|お願いします|希望します|希望|をお願いします)?$|^(?:もう|今後)?(?:メール|連絡)(?:を|は|は今後)?(?:送らないで|不要です|いりません|しないで)(?:ください|下さい)?$/u,
  /^(?:이메일|메일)?(?:을|를)? ?(?:수신 ?거부|구독 ?취소|구독 ?해지)(?:해 ?주세요|합니다|부탁드립니다|해주세요| 부탁드립니다)?$|^(?:더 ?이상 )?(?:이메일|메일)(?:을|를)? ?(?:그만|보내지)(?: ?보내 ?주세요| ?마세요| ?말아 ?주세요)?$/u,
  /^(?:vui lòng |xin )?(?:hủy|huỷ) đăng ký(?: (?:cho tôi|giúp tôi|nhận .{2,20}))?$|^(?:vui lòng |xin )?(?:đừng|không|ngừng|dừng) (?:gửi|liên hệ)(?: (?:thêm|cho tôi|email|thư|tin|nữa|cho tôi nữa))*$/u,
  /^(?:من فضلك |الرجاء |يرجى )?(?:إلغاء|الغاء|ألغوا|الغوا) (?:اشتراكي|الاشتراك)$|^(?:من فضلك |الرجاء |يرجى )?(?:لا ترسلوا|لا ترسل|توقفوا عن إرسال|توقف عن إرسال|عدم إرسال|لا أريد)(?: (?:لي|المزيد من|أي|المزيد))*(?: ?(?:رسائل|الرسائل|بريد|إيميلات))?(?: (?:بعد الآن|أخرى|مرة أخرى))?$/u,
]

/** Greetings and thanks around a request change nothing about it. */
const courtesy =
  /^(?:hi|hello|hey|dear|hallo|guten tag|moin|liebe[sr]?|bonjour|salut|hola|buenos d[ií]as|ol[áa]|ciao|buongiorno|hej|cześć|dzień dobry|dobrý den|merhaba|здравствуйте|добрый день|您好|你好|こんにちは|お世話になっております|안녕하세요|xin chào|مرحبا|السلام عليكم)(?:[\s,!].{0,40})?$|^(?:(?:many |kind |best |warm )?(?:thanks|thank you|thx|ty|cheers|regards|best|sincerely)(?: (?:you|in advance|a lot|very much|and regards))?|danke|vielen dank|danke (?:schön|sehr|im voraus)|mfg|(?:mit )?(?:freundliche[nr]?|viele|beste|liebe) grü(?:ß|ss)en?|merci(?: d'avance| beaucoup)?|cordialement|bien cordialement|gracias|muchas gracias|saludos|obrigad[oa]|grazie|saluti|cordiali saluti|bedankt|dank u|met vriendelijke groet(?:en)?|tack|mvh|takk|tak|kiitos|dziękuję|pozdrawiam|děkuji|teşekkürler|спасибо|с уважением|дякую|谢谢|謝謝|ありがとうございます|よろしくお願いします|감사합니다|cảm ơn|شكرا|شكراً)(?:[\s,!].{0,30})?$/iu

const normal = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\u2018\u2019`´]/g, "'")
    .replace(/[“”"«»„()[\]*_~<>|]/g, ' ')
    .replace(/\p{Extended_Pictographic}/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s,;:–—-]+|[\s,;:!.。！…–—-]+$/g, '')
    .trim()

/** “Could you unsubscribe me?” is no question; “should I unsubscribe?” is one. */
const withoutQuestion = (text: string): string =>
  /^(?:can|could|would|will) you /.test(text) ? text.replace(/\?+$/, '') : text

const trimmed = (text: string): string =>
  withoutQuestion(normal(text))
    .replace(new RegExp(`^${please},? |,? ${please}$`, 'giu'), '')
    .replace(
      /,? (?:thanks|thank you|danke|merci|gracias|grazie|obrigad[oa]|bedankt|tack|takk|tak|kiitos|dziękuję|děkuji|спасибо|谢谢|cảm ơn|شكرا)$/u,
      '',
    )
    .replace(/[,;:]/g, '')
    .trim()

/** Words of a reply, a line or a sentence at a time, without courtesies. */
const parts = (words: string): string[] =>
  words
    .split(/\n|(?<=[.!?。！？])\s/u)
    .map((part) => part.trim())
    .filter((part) => part !== '' && (asks(part) || !courtesy.test(normal(part))))

const asks = (part: string): boolean => {
  const text = trimmed(part)
  const polite = normal(part).replace(/[,;:]/g, '')
  return (
    bare.test(text) ||
    sentences.some((pattern) => pattern.test(text) || pattern.test(polite)) ||
    [text, polite].some((words) => wish.test(words) && wished.test(words.replace(wish, '')))
  )
}

const asksPolitely = new RegExp(`^(?:but |so |and |aber |also |mais |pero |mas |ma )?${please} `, 'iu')
/** What holds under a condition only is no request yet. */
const conditional =
  /^(?:if|unless|when|once|wenn|falls|sobald|si|cuando|se|quando|als|wanneer|om|hvis|jeśli|gdy|pokud|eğer|если|когда)\s/iu

/** “Not interested, please unsubscribe me.” */
function asksAtTheEnd(part: string): boolean {
  const clauses = part.split(/[,;–—]\s?|\s-\s/)
  const last = clauses.at(-1)?.trim() ?? ''
  return (
    clauses.length > 1 &&
    clauses.length <= 4 &&
    asksPolitely.test(last) &&
    !conditional.test(part) &&
    asks(last.replace(/^(?:but|so|and|aber|also|mais|pero|mas|ma) /i, ''))
  )
}

/** Name, company, telephone: lines without a sentence. */
const isSignature = (part: string): boolean =>
  part.length <= 60 && !/[?？]/.test(part) && (!/[.!。！]$/.test(part) || part.split(' ').length <= 3)

/** @param words without quotes and signature. @returns whether they ask for no more email. */
export function asksToStop(words: string): boolean {
  if (words.trim() === '' || words.length > textMaxChars) return false
  const [first, ...rest] = parts(words)
  if (first === undefined) return false
  if (asks(first) && (rest.length === 0 || (words.includes('\n') && rest.every(isSignature)))) return true
  // A whole sentence means it, whatever reasons stand beside it; a single word does not.
  return [first, ...rest].some(
    (part) => !bare.test(trimmed(part)) && !part.includes('?') && (asks(part) || asksAtTheEnd(part)),
  )
}

const replyPrefix =
  /^(?:\s{0,3}(?:re|aw|antw|sv|vs|odp|ynt|rif|res|r|回复|答复|回覆|返信|답장|trả lời|رد)\s{0,3}[:：]){1,5}/iu

/** “unsubscribe ann@acme.example”, as list managers were told once. */
const withoutAddress = (subject: string): string =>
  subject.replace(/[\s:<]{1,3}[^\s@<>]{1,64}@[^\s<>]{1,255}>?$/, '')

/** Some write what they want into the subject and nothing else. */
export const subjectAsksToStop = (subject: string): boolean =>
  asks(withoutAddress(subject.slice(0, 200).replace(replyPrefix, '').trim()))
