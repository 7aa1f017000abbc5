/**
 * What Gmail calls its reader, by language of its interface: the `name` attribute of every address of this mailbox,
 * "send email as" aliases included. Gmail writes them in lower case, which keeps people called Ben or Ian apart.
 */
const byLanguage: Readonly<Record<string, readonly string[]>> = {
  ar: ['أنا', 'إليّ', 'إلي'],
  bg: ['аз', 'мен', 'до мен'],
  ca: ['jo', 'mi', 'mi mateix'],
  cs: ['já', 'mně', 'mne', 'mě'],
  da: ['mig', 'jeg'],
  de: ['ich', 'mich', 'mir'],
  el: ['εγώ', 'εμένα', 'εγω'],
  en: ['me'],
  es: ['yo', 'mí', 'mi', 'para mí'],
  et: ['mina', 'mulle'],
  fa: ['من'],
  fi: ['minä', 'minulle', 'minut'],
  fil: ['ako', 'akin'],
  fr: ['moi', 'à moi'],
  he: ['אני', 'אליי', 'אלי'],
  hi: ['मैं', 'मुझे', 'मुझ'],
  hr: ['ja', 'meni', 'mene'],
  hu: ['én', 'nekem', 'engem'],
  id: ['saya'],
  it: ['me', 'io'],
  ja: ['自分'],
  ko: ['나', '나에게'],
  lt: ['aš', 'man', 'manimi'],
  lv: ['es', 'man'],
  ms: ['saya'],
  nl: ['mij', 'ik'],
  no: ['meg', 'jeg'],
  nb: ['meg', 'jeg'],
  pl: ['ja', 'mnie', 'do mnie'],
  pt: ['eu', 'mim', 'para mim'],
  ro: ['eu', 'mine', 'mie'],
  ru: ['я', 'мне', 'мной'],
  sk: ['ja', 'mne', 'mňa'],
  sl: ['jaz', 'meni', 'mene'],
  sr: ['ја', 'мени', 'ja', 'meni'],
  sv: ['mig', 'jag'],
  th: ['ฉัน', 'ถึง ฉัน'],
  tr: ['ben', 'bana'],
  uk: ['я', 'мені', 'мною'],
  vi: ['tôi'],
  zh: ['我'],
}
const allWords: ReadonlySet<string> = new Set(Object.values(byLanguage).flat())

/**
 * @param language of the page, such as `pt-BR`.
 * @param labels what Gmail calls the addresses that are known to be the reader’s own.
 */
export function ownWords(language: string, labels: readonly string[]): ReadonlySet<string> {
  const words = byLanguage[language.toLowerCase().split('-')[0] ?? ''] ?? []
  // A label that is the reader’s display name says nothing: a trialist may bear the same name.
  return new Set([...words, ...labels.filter((label) => allWords.has(label))])
}
