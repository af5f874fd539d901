import { spaceWords } from '../../common/tokenize.ts'

/**
 * Penn Treebank tokens as COCO's caption evaluation makes them: the Stanford tokenizer (CoreNLP 3.4.1,
 * `-lowerCase`), then its punctuation list removed. The rules that captions meet are written out here;
 * docs/metrics.md lists what is left out.
 *
 * Like the original scanner, each step takes the rule with the longest match, what it looks ahead at
 * included, and the earlier of equally long ones. Rules see the text before it is put in lower case.
 */

/**
 * What COCO's tools remove. The brackets are missing on purpose: COCO lists `-LRB-`, but its tokens are in
 * lower case.
 */
const PUNCTUATION = new Set(["''", "'", '``', '`', '.', '?', '!', ',', ':', '-', '--', '...', ';'])

/** Contractions without an apostrophe, and where they are cut. */
const CUT: Readonly<Record<string, number>> = {
  cannot: 3,
  gonna: 3,
  gotta: 3,
  lemme: 3,
  gimme: 3,
  wanna: 3,
  "'tis": 2,
  "'twas": 2,
}

const BRACKETS: Readonly<Record<string, string>> = {
  '(': '-lrb-',
  ')': '-rrb-',
  '[': '-lsb-',
  ']': '-rsb-',
  '{': '-lcb-',
  '}': '-rcb-',
}

/**
 * Abbreviations that keep their full stop: titles, months, days, companies. Those that are words as well only
 * with a capital.
 */
const ABBREVIATIONS = [
  'mrs?',
  'ms',
  'drs?',
  'profs?',
  'rev',
  'gen',
  'col',
  'lt',
  'sgt',
  'capt',
  'cpl',
  'pvt',
  'maj',
  'adm',
  'gov',
  'sen',
  'rep',
  'pres',
  'hon',
  'ste?',
  'ave',
  'jr',
  'sr',
  'esq',
  'ph\\.d',
  'jan',
  'feb',
  'mar',
  'apr',
  'jun',
  'jul',
  'aug',
  'sept?',
  'oct',
  'nov',
  'dec',
  'mon',
  'tues?',
  'wed',
  'thu(?:rs)?',
  'fri',
  'inc',
  'cos?',
  'corp',
  'ltd',
  'bros',
  'dept',
  'univ',
  'blvd',
  'rd',
  'etc',
  'vs',
  'al',
  'sq',
  'ft',
].join('|')

/** Letters and digits, of any script; the tail of a number such as 3.5, 1,000 or 4:45. */
const L = '\\p{L}\\p{M}'
const LD = `${L}\\p{N}`
const NUMBER = '(?:\\p{N}+(?:[.:,]\\p{N}+)*|(?:[.:,]\\p{N}+)+)'
/** d'Artagnan, o'clock, l'amour */
const PREFIX = `(?:[dDoOlL]'[${LD}])?`
const END = `(?![a-zA-Z])`

/** The token is group 1; what follows it in the pattern is looked ahead at, and counts for the length. */
const RULES = [
  // Contractions: the word before n't does not end in n; 's, 'm, 'd, 're, 've and 'll follow any word.
  "('tis|'twas)",
  `([a-z]*[a-mo-z])n't`,
  `([${L}]+)'(?:[msd]|re|ve|ll)`,
  `([${L}]+)`,
  `(n't)${END}`,
  `('(?:[msd]|re|ve|ll))${END}`,
  // Words with an apostrophe that stay whole: rock 'n' roll, 'em, '90s, s'mores, Shi'ite.
  `('n'?|[ldj]'|dunkin'|somethin'|ol'|'em|'[2-9]0s|'till?|'cause|cont'd|c'mon|e'er|s'mores|ev'ry|li'l|nat'l|nor'easter|cap'n|c'est)`,
  `([${L}]+[aeiouy]'[aeiou][${L}]*)`,
  `(y')[${L}]`,
  // Numbers, fractions and dates.
  `([-+]?${NUMBER})`,
  `(\\p{N}{1,4}/\\p{N}{1,4})`,
  `(\\p{N}{1,2}[-/]\\p{N}{1,2}[-/]\\p{N}{2,4})`,
  // Hyphenated words and numbers, words with a slash.
  `(${PREFIX}[${LD}]+(?:[-_]${PREFIX}[${LD}]+)*)`,
  `([a-z0-9][a-z0-9.,]*(?:-[a-z0-9]+)+)`,
  `([a-z0-9]+(?:-[a-z]+){0,2}(?:/[a-z0-9]+(?:-[a-z]+){0,2}){1,2})`,
  // Abbreviations: mr. a.m. u.s. and single letters.
  `((?:${ABBREVIATIONS})\\.)`,
  `([a-z](?:\\.[a-z])*\\.)`,
  `([a-z](?:\\.[a-z])+)(?=\\s|$)`,
  // Names and tags, addresses.
  `([@#][a-z_]\\w*)`,
  `((?:https?://|www\\.)[^\\s"<>()]*[^\\s"<>().,!?-])`,
  // Runs that are one token.
  '(\\.{3,})',
  '(-+)',
  '([?!]+)',
  '(=+)',
  '(\\*+)',
  '(_+)',
  '(@+)',
  '(#+)',
  "(``|''|[`'\"])",
  '(&amp;)',
  '([^\\s])',
].map((source) => new RegExp(source, 'yiu'))

/**
 * The one rule that minds the case: capitals joined by & or + as in AT&T, and the dollar with its country,
 * US$.
 */
const CAPITALS = /([A-Z]+(?:[+&][A-Z]+)+|[A-Z]*\$)/uy

/** What most captions are made of: words of plain letters between spaces, which need no other rule. */
const PLAIN = /([a-z]+)(?=\s|$)/iy

/** The tokens of a caption, in lower case. */
export function tokenizePtb(caption: string): string[] {
  const text = spaceWords(caption)
    .replace(/[‘’´]/g, "'")
    .replace(/[“”„«»]/g, '"')
    .replace(/[–—―]/g, ' -- ')
    .replace(/…/g, ' ... ')
    .replace(/\u00AD/g, '')
  const tokens: string[] = []
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at]!)) {
      at += 1
      continue
    }
    const token = tokenAt(text, at)
    at += token.length
    tokens.push(...treebankTokens(token.toLowerCase()))
  }
  return tokens.filter((token) => !PUNCTUATION.has(token))
}

/** The token that starts at a place, which is no space. */
function tokenAt(text: string, at: number): string {
  const plain = matchAt(PLAIN, text, at)
  if (plain !== null) {
    return plain[1]!
  }
  let best: RegExpExecArray | null = matchAt(CAPITALS, text, at)
  for (const rule of RULES) {
    const match = matchAt(rule, text, at)
    if (match !== null && match[0].length > (best?.[0].length ?? 0)) {
      best = match
    }
  }
  // The last rule takes any character.
  return best![1]!
}

function matchAt(rule: RegExp, text: string, at: number): RegExpExecArray | null {
  rule.lastIndex = at
  return rule.exec(text)
}

/** What becomes of a token: contractions are cut, brackets and quotes get their Treebank names. */
function treebankTokens(token: string): string[] {
  const cut = CUT[token]
  if (cut !== undefined) {
    return [token.slice(0, cut), token.slice(cut)]
  }
  if (token === '"') {
    return ["''"]
  }
  if (token === '&amp;') {
    return ['&']
  }
  if (/^\.{2,}$/.test(token)) {
    return ['...']
  }
  if (/^-{3,4}$/.test(token)) {
    return ['--']
  }
  // Emoji and the like are beyond the tokenizer, which drops them.
  if (token.codePointAt(0)! > 0xffff && token.length === 2) {
    return []
  }
  return [BRACKETS[token] ?? token]
}
