/** Names of the numbers that `textShape` gives, in order. */
export const SHAPE = [
  'length',
  'words',
  'longWords',
  'sentences',
  'questions',
  'digits',
  'operators',
  'code',
  'lines',
  'choices',
  'constraints',
  'reasoning',
  'negation',
  'uppercase',
  'cjk',
  'formulae',
  'law',
  'medicine',
  'exact science',
  'quantities',
] as const;

const LONG_WORD = 8;
const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

/** What a text looks like, whatever it speaks of: twenty numbers of about the size of 1, of at most the given characters. */
export function textShape(text: string): Float64Array {
  const words = text.match(/[\p{L}\p{M}']+/gu) ?? [];
  const wordCount = Math.max(1, words.length);
  const characters = Math.max(1, text.length);
  const digits = count(text, /\d/g);
  return Float64Array.of(
    Math.log1p(characters),
    Math.log1p(wordCount),
    words.filter(({ length }) => length >= LONG_WORD).length / wordCount,
    Math.log1p(count(text, /[.!?。！？]+(?:\s|$)/g)),
    Math.log1p(count(text, /[?？]/g)),
    digits / characters,
    Math.log1p(count(text, /[=<>+*/^∑∫√≤≥%-]/g)),
    Math.log1p(count(text, /[{}();[\]`_]|=>|::/g)),
    Math.log1p(count(text, /\n/g)),
    Math.log1p(count(text, /(?:^|\n)[ \t]{0,8}\(?[A-Ha-h][.)]\s/g)),
    Math.log1p(
      count(
        text,
        /\b(?:must|should|exactly|only|without|at least|at most|no more than|ensure|each|every)\b|必须|不得|至少|至多|只能|确保/gi,
      ),
    ),
    Math.log1p(
      count(
        text,
        /\b(?:why|prove|derive|explain|compare|calculate|compute|determine|solve|if|then|therefore|because|suppose|assume|given)\b|为什么|证明|推导|计算|求解|假设|如果|因此/gi,
      ),
    ),
    Math.log1p(count(text, /\b(?:not|no|never|none|neither|nor|except|false|incorrect|wrong)\b|n't\b|不|没有|错误/gi)),
    count(text, /\p{Lu}/gu) / characters,
    count(text, /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu) / characters,
    Math.log1p(count(text, /\\[a-z]+|\$[^$\n]{1,80}\$|\b[a-z]\s?[=^]\s?|[a-z]\([a-z]\)/gi)),
    Math.log1p(
      count(
        text,
        /\b(?:court|plaintiff|defendant|statute|contract|jury|liabilit\w*|tort|negligen\w*|evidence|attorney|felony|deed|clause|constitution\w*)\b|法院|原告|被告|合同|条款|法律/gi,
      ),
    ),
    Math.log1p(
      count(
        text,
        /\b(?:patient|disease|symptom\w*|diagnos\w*|therap\w*|clinical|blood|infection|syndrome|drug|dose|cancer|virus|gene\w*)\b|患者|症状|诊断|治疗|疾病/gi,
      ),
    ),
    Math.log1p(
      count(
        text,
        /\b(?:velocity|energy|electron\w*|molecul\w*|equation|function|theorem|matrix|polynomial|integral|derivative|voltage|force|mass|reaction|acid|algorithm|probability|graph|group|field|ring|prime|vector)\b|方程|函数|定理|矩阵|积分|导数|速度|能量|概率|算法/gi,
      ),
    ),
    Math.log1p(
      count(
        text,
        /\d+(?:[.,]\d+)?\s?(?:%|kg|g|m|km|cm|mm|s|ms|h|hours?|minutes?|days?|years?|dollars?|元|米|公里|小时|天|年)(?![\p{L}])|[$€£¥]\s?\d/giu,
      ),
    ),
  );
}
