/** Languages told by their script; `latin` is any that is written in Latin letters, `und` none of these. */
export type Language = 'latin' | 'zh' | 'ja' | 'ko' | 'ru' | 'ar' | 'hi' | 'th' | 'und';

/** Looking further changes nothing. */
const ENOUGH = 600;
/** Latin terms are frequent in Chinese and Japanese sentences, so fewer of their own characters decide. */
const WEIGHT_OF_IDEOGRAPH = 3;

/** The language that most of the text's letters belong to, by script; at most 600 characters are looked at. */
export function languageOf(text: string): Language {
  const counts = { latin: 0, zh: 0, ja: 0, ko: 0, ru: 0, ar: 0, hi: 0, th: 0 };
  const end = Math.min(text.length, ENOUGH);
  for (let at = 0; at < end; at++) {
    const script = scriptOf(text.charCodeAt(at));
    if (script !== undefined) counts[script] += script === 'zh' || script === 'ja' ? WEIGHT_OF_IDEOGRAPH : 1;
  }
  if (counts.ja > 0 && counts.ja * 5 >= counts.zh) {
    counts.ja += counts.zh;
    counts.zh = 0;
  }
  let best: Language = 'und';
  let most = 0;
  for (const [language, count] of Object.entries(counts)) {
    if (count <= most) continue;
    most = count;
    best = language as Language;
  }
  return best;
}

function scriptOf(code: number): Exclude<Language, 'und'> | undefined {
  if (code < 0x41) return undefined;
  if (code <= 0x24f) return code <= 0x5a || (code >= 0x61 && code <= 0x7a) || code >= 0xc0 ? 'latin' : undefined;
  if (code >= 0x4e00 && code <= 0x9fff) return 'zh';
  if (code >= 0x3040 && code <= 0x30ff) return 'ja';
  if (code >= 0xac00 && code <= 0xd7af) return 'ko';
  if (code >= 0x400 && code <= 0x52f) return 'ru';
  if (code >= 0x600 && code <= 0x6ff) return 'ar';
  if (code >= 0x900 && code <= 0x97f) return 'hi';
  if (code >= 0xe00 && code <= 0xe7f) return 'th';
  return undefined;
}
