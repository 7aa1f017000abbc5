import { describe, expect, it } from 'vitest'
import { replySentiment } from '../../../../server/domain/metrics/reply-sentiment.ts'
import { htmlText } from '../../../../server/features/inbound/html-text.ts'
import { ownWords, withoutRepeated } from '../../../../server/features/inbound/quoted-text.ts'

const own = 'Could we have one more week?'
const ours =
  'Hi Sam,\nyour trial ends on Thursday.\nWas it too expensive? If you are not interested, no thanks is enough.'
const marked = ours.replace(/^/gm, '> ')

/** From, sent, to, subject, as Outlook writes them. */
const headers: Record<string, readonly [string, string, string, string]> = {
  english: ['From', 'Sent', 'To', 'Subject'],
  german: ['Von', 'Gesendet', 'An', 'Betreff'],
  french: ['De ', 'Envoyé ', 'À ', 'Objet '],
  spanish: ['De', 'Enviado', 'Para', 'Asunto'],
  portuguese: ['De', 'Enviado', 'Para', 'Assunto'],
  brazilian: ['De', 'Enviada em', 'Para', 'Assunto'],
  italian: ['Da', 'Inviato', 'A', 'Oggetto'],
  dutch: ['Van', 'Verzonden', 'Aan', 'Onderwerp'],
  swedish: ['Från', 'Skickat', 'Till', 'Ämne'],
  danish: ['Fra', 'Sendt', 'Til', 'Emne'],
  finnish: ['Lähettäjä', 'Lähetetty', 'Vastaanottaja', 'Aihe'],
  polish: ['Od', 'Wysłano', 'Do', 'Temat'],
  czech: ['Od', 'Odesláno', 'Komu', 'Předmět'],
  hungarian: ['Feladó', 'Elküldve', 'Címzett', 'Tárgy'],
  romanian: ['De la', 'Trimis', 'Către', 'Subiect'],
  turkish: ['Kimden', 'Gönderildi', 'Kime', 'Konu'],
  russian: ['От', 'Отправлено', 'Кому', 'Тема'],
  ukrainian: ['Від', 'Надіслано', 'Кому', 'Тема'],
  greek: ['Από', 'Στάλθηκε', 'Προς', 'Θέμα'],
  chinese: ['发件人', '发送时间', '收件人', '主题'],
  taiwanese: ['寄件者', '寄件日期', '收件者', '主旨'],
  japanese: ['差出人', '送信日時', '宛先', '件名'],
  korean: ['보낸 사람', '보낸 날짜', '받는 사람', '제목'],
  vietnamese: ['Từ', 'Đã gửi', 'Đến', 'Chủ đề'],
  arabic: ['من', 'تاريخ الإرسال', 'إلى', 'الموضوع'],
  hebrew: ['מאת', 'נשלח', 'אל', 'נושא'],
}

const intros: Record<string, string> = {
  english: 'On Thu, Jan 9, 2025 at 10:12 AM Dana <dana@acme.example> wrote:',
  'apple mail': 'On Jan 9, 2025, at 10:12, Dana <dana@acme.example> wrote:',
  'in two lines': 'On Thu, 9 Jan 2025 at 10:12, Dana from Acme <dana@acme.example>\nwrote:',
  'broken in the address': 'Am Do., 9. Jan. 2025 um 10:12 Uhr schrieb Dana <\ndana@acme.example>:',
  thunderbird: 'Am 09.01.25 um 10:12 schrieb Dana:',
  french: 'Le jeu. 9 janv. 2025 à 10:12, Dana <dana@acme.example> a écrit :',
  spanish: 'El jue, 9 ene 2025 a las 10:12, Dana (<dana@acme.example>) escribió:',
  portuguese: 'Em qui., 9 de jan. de 2025 às 10:12, Dana <dana@acme.example> escreveu:',
  italian: 'Il giorno gio 9 gen 2025 alle ore 10:12 Dana <dana@acme.example> ha scritto:',
  dutch: 'Op do 9 jan 2025 om 10:12 schreef Dana <dana@acme.example>:',
  swedish: 'Den tors 9 jan. 2025 kl 10:12 skrev Dana <dana@acme.example>:',
  norwegian: 'tor. 9. jan. 2025 kl. 10:12 skrev Dana <dana@acme.example>:',
  finnish: 'to 9. tammik. 2025 klo 10.12 Dana (dana@acme.example) kirjoitti:',
  polish: 'czw., 9 sty 2025 o 10:12 Dana <dana@acme.example> napisał(a):',
  czech: 'čt 9. 1. 2025 v 10:12 odesílatel Dana <dana@acme.example> napsal:',
  hungarian: 'Dana <dana@acme.example> ezt írta (időpont: 2025. jan. 9., Cs, 10:12):',
  turkish: 'Dana <dana@acme.example>, 9 Oca 2025 Per, 10:12 tarihinde şunu yazdı:',
  russian: 'чт, 9 янв. 2025 г. в 10:12, Dana <dana@acme.example>:',
  'russian with verb': '9 января 2025 г., в 10:12, Dana <dana@acme.example> написал(а):',
  greek: 'Στις Πέμ, 9 Ιαν 2025 στις 10:12 π.μ., Dana <dana@acme.example> έγραψε:',
  chinese: 'Dana <dana@acme.example> 于2025年1月9日周四 10:12写道：',
  japanese: '2025年1月9日(木) 10:12 Dana <dana@acme.example>:',
  'apple mail in japanese': '2025/01/09 10:12、Dana <dana@acme.example>のメール:',
  korean: '2025년 1월 9일 (목) 오전 10:12, Dana <dana@acme.example>님이 작성:',
  vietnamese: 'Vào Th 5, 9 thg 1, 2025 vào lúc 10:12 Dana <dana@acme.example> đã viết:',
  arabic: 'في الخميس، 9 يناير 2025 في 10:12 ص كتب Dana <dana@acme.example>:',
}

describe('the own words of a reply', () => {
  it.each(Object.entries(headers))(
    'stand above the header that Outlook puts there in %s',
    (_, [f, s, t, u]) => {
      const header = `${f}: Dana <dana@acme.example>\n${s}: 9. 1. 2025 10:12\n${t}: Sam <sam@c.example>\n${u}: x`
      for (const above of ['\n', '\n________________________________\n', '\n-----\n'])
        expect(ownWords(`${own}\n${above}${header}\n\n${ours}`)).toBe(own)
      expect(
        ownWords(`${own}\n\n*${f.trim()}:* Dana\n*${s.trim()}:* 9. 1. 2025\n*${u.trim()}:* x\n\n${ours}`),
      ).toBe(own)
    },
  )

  it.each(Object.entries(intros))('stand above what introduces the quote: %s', (_, intro) => {
    expect(ownWords(`${own}\n\n${intro}\n\n${marked}`)).toBe(own)
    expect(ownWords(`${own}\n${intro}\n${marked}`)).toBe(own)
    expect(ownWords(`${own}\n\n${intro}\n\n${ours}`)).toBe(own)
  })

  it.each(Object.values(intros))('stand below the quote: %s', (intro) => {
    expect(ownWords(`${intro}\n${marked}\n\n${own}`)).toBe(own)
  })

  it('stand between quoted lines', () => {
    const text = `${intros.english}\n> Do you need more time?\nYes, a week.\n> Anything else?\nNo.\n`
    expect(ownWords(text)).toBe('Yes, a week.\nNo.')
    expect(ownWords(`Hi Dana,\n\n> more time?\n\nyes please\n\n> who else?\n\nonly me`)).toBe(
      'Hi Dana,\n\nyes please\n\nonly me',
    )
  })

  it.each([
    '-----Original Message-----',
    '-------- Ursprüngliche Nachricht --------',
    '---------- Forwarded message ---------',
    '------- Message original -------',
    '-------- 원본 메시지 --------',
    '------------------ 原始邮件 ------------------',
    'Begin forwarded message:',
  ])('end at “%s”', (mark) => {
    expect(ownWords(`${own}\n\n${mark}\n${ours}`)).toBe(own)
  })

  it.each([
    '-- \nSam Example\nExample Ltd.',
    'Sent from my iPhone',
    'Von meinem iPhone gesendet',
    'Envoyé de mon iPhone',
    'Enviado desde mi iPhone',
    'Inviato da iPhone',
    'Verzonden vanaf mijn iPhone',
    'Skickat från min iPhone',
    'Wysłane z iPhone’a',
    'Отправлено с iPhone',
    'iPhoneから送信',
    '发自我的iPhone',
    '나의 iPhone에서 보냄',
    'Gửi từ iPhone của tôi',
    'أُرسلت من الـ iPhone',
    'Get Outlook for iOS',
    'Sent from Yahoo Mail on Android',
  ])('end at the signature %j', (signature) => {
    expect(ownWords(`${own}\n\n${signature}`)).toBe(own)
    expect(ownWords(`${own}\n\n${signature}\n\n${intros.english}\n\n${marked}`)).toBe(own)
  })

  it.each([
    'Our limit is\n>50 cards, is that included?\nThanks',
    'On Monday we spoke with the team and here is what Jane wrote:\nwe love it, and will buy.',
    'From: the beginning we liked it.\nTo: be honest, the price is fine.',
    'Two points:\n- seats\n- invoices\n\nIs 10:30 on Friday good for a call?',
    'The report was sent from my iPhone app and never arrived, can you look?',
    'With regards to the payment: yes.\n\nSubject: to change, of course.',
  ])('are all there where nothing is quoted: %j', (text) => {
    expect(ownWords(text)).toBe(text)
  })

  it('never sound like our own, even where no rule finds the quote', () => {
    const layout = `Thanks Dana, we will buy next month.\n\n¤ Dana at ten o’clock ¤\n${ours.replace(/\n/g, '\n   ')}`
    expect(replySentiment(layout)).toBe('negative')
    expect(replySentiment(withoutRepeated(ownWords(layout), ours))).toBe('positive')
    expect(withoutRepeated('Was it too expensive?', ours)).toBe('Was it too expensive?')
    expect(withoutRepeated('Yes.', `${ours}\nYes.`)).toBe('Yes.')
  })
})

describe('a reply in HTML alone', () => {
  const text = (html: string) => ownWords(htmlText(html).own)

  it.each([
    [
      'Gmail',
      '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon Dana wrote:<br></div><blockquote class="gmail_quote">Too expensive?</blockquote></div>',
    ],
    [
      'Outlook on the web',
      '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Dana<br></div><div>Too expensive?</div>',
    ],
    [
      'Outlook, quoted by another',
      '<div id="x_divRplyFwdMsg"><b>From:</b> Dana<br></div><div>Too expensive?</div>',
    ],
    [
      'Outlook for Windows',
      "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'><p><b>From:</b> Dana</p></div></div><p>Too expensive?</p>",
    ],
    [
      'Apple Mail',
      '<div><br><blockquote type="cite"><div>On 9 Jan 2025, at 10:12, Dana wrote:</div><div>Too expensive?</div></blockquote></div>',
    ],
    [
      'Thunderbird',
      '<div class="moz-cite-prefix">On 9.1.25 Dana wrote:</div><blockquote type="cite">Too expensive?</blockquote>',
    ],
    [
      'Yahoo',
      '<div id="ydp1" class="yahoo_quoted"><div>On Thursday, Dana wrote:</div><div>Too expensive?</div></div>',
    ],
    ['Proton', '<div class="protonmail_quote">On Thursday, Dana wrote:<br>Too expensive?</div>'],
  ])('is without what %s quotes', (_, quote) => {
    expect(text(`<html><body><div>Thanks, we will buy.</div><br>${quote}</body></html>`)).toBe(
      'Thanks, we will buy.',
    )
  })

  it('keeps what is written between the quotes', () => {
    const html =
      '<blockquote>More time?</blockquote><p>Yes, a week.</p><blockquote>Who else?</blockquote><p>Only me.</p>'
    expect(text(html)).toBe('Yes, a week.\n\nOnly me.')
  })

  it('reads entities, and nothing that is not shown', () => {
    const html =
      '<html><head><title>Re: x</title><style>p{}</style></head><body><!--[if mso]><p>mso > only</p><![endif]--><p>We don&#39;t&nbsp;need it. Caf&eacute; &amp; Co &lt;3</p></body></html>'
    expect(text(html)).toBe("We don't need it. Café & Co <3")
  })
})
