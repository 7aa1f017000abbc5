import type { Tone } from './ledger.ts'
import type { LocaleName } from './shares.ts'

/** What people answer, in their own words; whoever wrote a line here knows how it is meant. */
export const replies: Readonly<Record<LocaleName, Readonly<Record<Tone, readonly string[]>>>> = {
  en: {
    positive: [
      'Yes please, this looks great. Could we talk on Thursday about the team plan?',
      'Thank you, that was quick. How do we pay by invoice?',
      'We love it so far. Sign us up for ten seats.',
    ],
    negative: [
      'No thanks, we went with another tool.',
      'Thanks, but it is too expensive for a team of our size.',
      'Not interested. We do not need this any more.',
    ],
    neutral: ['Where do I find the export?', 'Can two people work on one board at the same time?'],
  },
  de: {
    positive: [
      'Vielen Dank, das klingt super. Wie können wir bezahlen?',
      'Ja gerne, rufen Sie mich morgen an.',
    ],
    negative: ['Nein danke, das ist uns zu teuer.', 'Kein Interesse, wir haben etwas anderes gefunden.'],
    neutral: ['Wo finde ich den Export?', 'Wie lade ich jemanden ein?'],
  },
  fr: {
    positive: ['Merci beaucoup, nous sommes intéressés.', 'Avec plaisir, appelez-moi jeudi.'],
    negative: ['Non merci, c’est trop cher pour nous.', 'Je ne suis pas intéressé, désolé.'],
    neutral: ['Où se trouve l’export ?', 'Comment inviter un collègue ?'],
  },
  es: {
    positive: ['Muchas gracias, me interesa el plan de equipo.', 'De acuerdo, hablemos el jueves.'],
    negative: ['No, gracias, es demasiado caro para nosotros.', 'No me interesa por ahora.'],
    neutral: ['¿Dónde puedo exportar los datos?', '¿Cómo invito a un compañero?'],
  },
  vi: {
    positive: ['Cảm ơn bạn, chúng tôi rất quan tâm.', 'Đồng ý, gọi cho tôi vào thứ Năm nhé.'],
    negative: ['Chúng tôi không quan tâm, xin lỗi.', 'Quá đắt đối với chúng tôi.'],
    neutral: ['Tôi xuất dữ liệu ở đâu?', 'Làm sao để mời đồng nghiệp?'],
  },
  ko: {
    positive: ['감사합니다. 팀 요금제에 관심이 있습니다.', '좋습니다. 목요일에 통화해요.'],
    negative: ['관심 없습니다.', '저희에게는 너무 비싸요.'],
    neutral: ['내보내기는 어디에 있나요?', '동료를 어떻게 초대하나요?'],
  },
}

export const stopWords: Readonly<Record<LocaleName, string>> = {
  en: 'Stop',
  de: 'Abmelden',
  fr: 'Désinscription',
  es: 'Baja',
  vi: 'Hủy đăng ký',
  ko: '수신거부',
}

/** How mail programs introduce what they quote. */
export const quoteLines: Readonly<Record<LocaleName, string>> = {
  en: 'On Thu, Sep 10, 2026 at 9:12 AM Corkboard <hello@corkboard.example> wrote:',
  de: 'Am Do., 10. Sept. 2026 um 09:12 Uhr schrieb Corkboard <hello@corkboard.example>:',
  fr: 'Le jeu. 10 sept. 2026 à 09:12, Corkboard <hello@corkboard.example> a écrit :',
  es: 'El jue, 10 sept 2026 a las 9:12, Corkboard (<hello@corkboard.example>) escribió:',
  vi: 'Vào Th 5, 10 thg 9, 2026 vào lúc 09:12 Corkboard <hello@corkboard.example> đã viết:',
  ko: '2026년 9월 10일 (목) 오전 9:12, Corkboard <hello@corkboard.example>님이 작성:',
}
