export type ReplySentiment = 'positive' | 'negative' | 'unknown'

const positive =
  /\b(thanks?|thank you|great|love (it|this)|sounds good|interested|yes,? please|let['’]?s (do|talk)|happy to|we['’]?ll (buy|upgrade|take)|how do (i|we) (pay|upgrade|buy)|sign (me|us) up|danke|super|gerne|interessiert|einverstanden|merci|avec plaisir|intéressée?s?|d['’]accord|gracias|me interesa|de acuerdo|con gusto)\b|cảm ơn|quan tâm|đồng ý|감사|고맙|관심|좋아요|좋습니다|شكر|مهتم|موافق/iu

const negative =
  /\b(no thanks?|not interested|don['’]?t (want|need)|do not (want|need)|stop (mailing|writing|emailing)|too (expensive|complicated)|cancel|waste of time|annoying|spam|kein interesse|nicht interessiert|zu teuer|brauche(n)? (ich|wir) nicht|pas intéressée?s?|non merci|trop cher|no me interesa|no gracias|demasiado caro)\b|không quan tâm|không cần|quá đắt|관심 없|필요 없|너무 비싸|غير مهتم|لا أريد|باهظ/iu

/** By words alone, so it leaves what it cannot tell: a rep can always say better. A refusal outweighs its thanks. */
export function replySentiment(text: string): ReplySentiment {
  if (negative.test(text)) return 'negative'
  return positive.test(text) ? 'positive' : 'unknown'
}
