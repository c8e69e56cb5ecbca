/**
 * Takes out of a text what must not be kept of it: keys and passwords, e-mail addresses, telephone numbers and card numbers that pass the Luhn
 * check (ISO/IEC 7812-1). What stands there instead says what it was. It finds what can be known by its form; a name or a street it leaves.
 */
export function redactText(text: string): string {
  return RULES.reduce((left, { pattern, replace }) => left.replace(pattern, replace), text);
}

interface Rule {
  pattern: RegExp;
  /** Gets what was found, and what stood before it and must stay. */
  replace: (found: string, before: string, ...groups: string[]) => string;
}

/** Bodies are JSON: after an escaped newline, `\n`, begins a word as well. Runs are bounded, so that a megabyte of base64 takes no longer than any other text. */
const START = String.raw`(\\[nrt"/]|(?<![\w+.\\-]))`;

const rule = (what: string, body: string, flags = 'g'): Rule => ({
  pattern: new RegExp(START + body, flags),
  replace: (_, before) => `${before}[${what}]`,
});

const SECRET_FIELDS =
  'password|passwd|secret|client_secret|api[_-]?key|access[_-]?token|refresh[_-]?token|auth[_-]?token|private[_-]?key';

const RULES: readonly Rule[] = [
  {
    pattern: /-----BEGIN ([A-Z ]{0,30}PRIVATE KEY)-----(?:(?!-----END)[\s\S]){0,20000}(?:-----END \1-----)?/g,
    replace: () => '[private key]',
  },
  // `"password": "…"`, and the same in a text that is JSON itself, where quotation marks are escaped.
  {
    pattern: new RegExp(String.raw`("(?:${SECRET_FIELDS})"\s{0,4}:\s{0,4}")(?:\\.|[^"\\]){1,4000}`, 'gi'),
    replace: (_, before) => `${before}[secret]`,
  },
  {
    pattern: new RegExp(
      String.raw`((\\{1,8})"(?:${SECRET_FIELDS})\2"\s{0,4}:\s{0,4}\2")(?:(?!\2")[\s\S]){1,4000}`,
      'gi',
    ),
    replace: (_, before) => `${before}[secret]`,
  },
  {
    pattern: new RegExp(String.raw`(\b(?:${SECRET_FIELDS})\s?=\s?)[^\s"'\\&;,]{4,500}`, 'gi'),
    replace: (_, before) => `${before}[secret]`,
  },
  { pattern: /(\bBearer\s+)[\w.~+/=-]{12,4000}/gi, replace: (_, before) => `${before}[secret]` },
  // user:password@host
  { pattern: /(:\/\/[^\s:/@"\\]{1,100}:)[^\s:/@"\\]{1,200}(?=@)/g, replace: (_, before) => `${before}[secret]` },
  rule('key', String.raw`(?:sk|rk|pk|xd|hf|gsk|xai|nvapi|pplx|glpat|r8|key|whsec|shp(?:at|ss))[-_][\w-]{16,400}`),
  rule('key', String.raw`(?:gh[pousr]_|github_pat_)\w{20,255}`),
  rule('key', String.raw`(?:AKIA|ASIA)[0-9A-Z]{16}(?!\w)`),
  rule('key', String.raw`AIza[\w-]{30,60}`),
  rule('key', String.raw`xox[abeoprs]-[\w-]{10,250}`),
  rule('key', String.raw`eyJ[\w-]{8,4000}\.eyJ[\w-]{8,4000}\.[\w-]{8,4000}`),
  rule('e-mail', String.raw`[\w.!#$%&'*+=?^~-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])`, 'gi'),
  {
    pattern: new RegExp(String.raw`${START}((?:3\d|4\d|5[1-5]|2[2-7]|6\d)(?:[ -]?\d){11,17})(?![\d-])`, 'g'),
    replace: (found, before, digits) => (isCard(digits!) ? `${before}[card]` : found),
  },
  // International, or in groups of which one has the length of a subscriber's; a day, a time or a plain number is none.
  rule('phone', String.raw`\+\d{1,3}[ ./-]?(?:\(0?\d{1,4}\)[ ./-]?)?\d(?:[ ./-]?\d){5,12}(?!\d)`),
  rule('phone', String.raw`(?:\(\d{2,4}\) ?|\d{3}[ .-])\d{3,4}[ .-]\d{4}(?![\d-]|\.\d)`),
  rule('phone', String.raw`1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\d-]|\.\d)`),
];

/** The Luhn check over what is a digit. */
function isCard(written: string): boolean {
  const digits = written.replace(/\D/g, '');
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const weighed = index % 2 === 0 ? digit : digit * 2;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return digits.length >= 13 && sum % 10 === 0;
}
