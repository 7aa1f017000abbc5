import { describe, expect, it } from 'vitest'
import { asksToStop, subjectAsksToStop } from '../../../../server/features/inbound/opt-out.ts'
import { ownWords } from '../../../../server/features/inbound/quoted-text.ts'

describe('a reply that asks for no more email', () => {
  it.each([
    'Stop',
    'STOP!',
    'Unsubscribe.',
    'unsubscribe me',
    'Please unsubscribe me.',
    'Please unsubscribe me from this list, thanks',
    'Please remove me from your list.',
    'Remove me from your mailing list',
    'Take me off your list',
    'Kindly unsubscribe',
    'Do not contact me again',
    "Don't email me again.",
    'Please stop emailing me',
    'Stop sending me emails',
    'No more emails please',
    'I want to opt out',
    'I would like to be removed from your list',
    'I no longer want to receive these emails',
    'opt-out',
    'Hi Dana,\n\nplease remove me from your mailing list.\n\nThanks,\nSam',
    'Could you unsubscribe me? Thanks!',
    'Please unsubscribe me. We went with another product.',
    'Stop\n\nAnn Example\nACME Ltd.\n+49 30 000000',
    'Abmelden',
    'Bitte abmelden',
    'Bitte keine E-Mails mehr',
    'Bitte keine weiteren Mails',
    'Bitte melden Sie mich ab',
    'Bitte nehmen Sie mich aus dem Verteiler',
    'Schreiben Sie mir bitte nicht mehr',
    'Désabonner',
    'Merci de me désabonner',
    'Veuillez me retirer de votre liste',
    'Je ne souhaite plus recevoir vos mails',
    'Baja',
    'Quiero darme de baja',
    'Por favor, no me envíen más correos',
    'Dejen de enviarme correos',
    'Descadastrar',
    'Por favor, remova meu e-mail da lista',
    'Não quero mais receber e-mails',
    'Disiscrivimi',
    'Cancellatemi dalla lista',
    'Non voglio più ricevere mail',
    'Uitschrijven',
    'Graag uitschrijven',
    'Geen mails meer aub',
    'Avregistrera mig',
    'Ta bort mig från listan',
    'Afmeld mig',
    'Fjern meg fra listen',
    'Proszę o wypisanie mnie z listy',
    'Wypisz mnie',
    'Odhlaste mě',
    'Beni listeden çıkarın',
    'Отписаться',
    'Отпишите меня, пожалуйста',
    'Больше не пишите мне',
    'Відпишіть мене',
    '退订',
    '请取消订阅',
    '请不要再给我发邮件',
    '配信停止',
    '配信を停止してください',
    'もうメールを送らないでください',
    '수신거부',
    '구독 취소해 주세요',
    '메일 그만 보내주세요',
    'hủy đăng ký',
    'Vui lòng hủy đăng ký',
    'Đừng gửi email nữa',
    'إلغاء الاشتراك',
    'توقف',
    'الرجاء إلغاء اشتراكي',
    'لا ترسلوا لي رسائل بعد الآن',
  ])('%j', (words) => {
    expect(asksToStop(ownWords(words))).toBe(true)
  })

  it.each([
    'Stop by any time',
    'Do not unsubscribe me',
    'How do I stop the trial?',
    'Please stop the import, it hangs',
    'Can I remove a member from my list of boards?',
    'Please remove the member Ann from our workspace',
    'We want to cancel a card',
    'End of the month is fine',
    'Is there a way to unsubscribe only from the digest?',
    'Should I unsubscribe?',
    'Bitte melden Sie sich bei mir',
    'Die Abmeldung im Kalender funktioniert nicht',
    'Nicht abmelden bitte',
    'Je voudrais retirer un membre de la liste de tâches',
    'Quiero dar de baja a un usuario de mi equipo',
    'The stop button does nothing. Can you look?',
    'Stop. We found the bug and will buy. Where do we pay?',
    '',
    'No more questions, thanks!',
    'I want to receive more emails',
    'Don’t stop',
    'Thanks',
    '停止ボタンが動きません',
  ])('is not: %j', (words) => {
    expect(asksToStop(ownWords(words))).toBe(false)
  })

  it.each(['unsubscribe', 'Re: Unsubscribe', 'STOP', 'AW: Abmelden', 'Please remove me from your list'])(
    'is a subject: %s',
    (subject) => {
      expect(subjectAsksToStop(subject)).toBe(true)
    },
  )

  it.each(['Re: Welcome!', 'Re: How to unsubscribe from the digest', 'Stop motion boards'])(
    'is no such subject: %s',
    (subject) => {
      expect(subjectAsksToStop(subject)).toBe(false)
    },
  )
})
