/**
 * Porter's stemmer (M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980) with the
 * extensions that nltk makes to it by default (`PorterStemmer`, mode NLTK_EXTENSIONS), since METEOR is to
 * equal nltk's. In each step the first rule whose suffix fits decides: when its condition fails, the word
 * stays as it is and no later rule is tried.
 */

/** Condition on what is left when the suffix is taken away. */
type Condition = (stem: string) => boolean
type Rule = readonly [suffix: string, replacement: string, condition?: Condition]

/** nltk's table of forms that the rules get wrong. */
const IRREGULAR: Readonly<Record<string, string>> = {
  sky: 'sky',
  skies: 'sky',
  dying: 'die',
  lying: 'lie',
  tying: 'tie',
  news: 'news',
  innings: 'inning',
  inning: 'inning',
  outings: 'outing',
  outing: 'outing',
  cannings: 'canning',
  canning: 'canning',
  howe: 'howe',
  proceed: 'proceed',
  exceed: 'exceed',
  succeed: 'succeed',
}

/** The stem of a word, which is put in lower case; words of one or two letters are their own stems. */
export function stem(word: string): string {
  const lower = word.toLowerCase()
  if (Object.hasOwn(IRREGULAR, lower)) {
    return IRREGULAR[lower]!
  }
  if (lower.length <= 2) {
    return lower
  }
  return STEPS.reduce((form, step) => step(form), lower)
}

function isConsonant(word: string, i: number): boolean {
  const letter = word[i]!
  if ('aeiou'.includes(letter)) {
    return false
  }
  return letter !== 'y' || i === 0 || !isConsonant(word, i - 1)
}

const endsInConsonant = (word: string): boolean => isConsonant(word, word.length - 1)
const endsInDouble = (word: string): boolean =>
  word.length >= 2 && word.at(-1) === word.at(-2) && endsInConsonant(word)

/** Porter's m: how often a run of vowels is followed by a run of consonants. */
function measure(word: string): number {
  let count = 0
  let afterVowel = false
  for (let i = 0; i < word.length; i++) {
    const consonant = isConsonant(word, i)
    if (consonant && afterVowel) {
      count += 1
    }
    afterVowel = !consonant
  }
  return count
}

const hasVowel: Condition = (word) => word.split('').some((_, i) => !isConsonant(word, i))
const positive: Condition = (word) => measure(word) > 0
const aboveOne: Condition = (word) => measure(word) > 1

/**
 * Porter's *o, consonant-vowel-consonant where the last is not w, x or y; nltk adds words of a vowel and a
 * consonant.
 */
function endsInShortSyllable(word: string): boolean {
  const { length } = word
  if (length === 2) {
    return !isConsonant(word, 0) && isConsonant(word, 1)
  }
  return (
    length >= 3 &&
    isConsonant(word, length - 3) &&
    !isConsonant(word, length - 2) &&
    endsInConsonant(word) &&
    !'wxy'.includes(word[length - 1]!)
  )
}

function apply(word: string, rules: readonly Rule[]): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix))
  if (rule === undefined) {
    return word
  }
  const [suffix, replacement, condition] = rule
  const left = word.slice(0, word.length - suffix.length)
  return condition === undefined || condition(left) ? left + replacement : word
}

const PLURALS: readonly Rule[] = [
  ['sses', 'ss'],
  ['ies', 'i'],
  ['ss', 'ss'],
  ['s', ''],
]

function plural(word: string): string {
  return word.length === 4 && word.endsWith('ies') ? word.slice(0, -1) : apply(word, PLURALS)
}

/** What mends the stem that -ed or -ing left. */
const MENDS: readonly Rule[] = [
  ['at', 'ate'],
  ['bl', 'ble'],
  ['iz', 'ize'],
]

function pastOrProgressive(word: string): string {
  if (word.endsWith('ied')) {
    return word.slice(0, word.length === 4 ? -1 : -2)
  }
  if (word.endsWith('eed')) {
    return apply(word, [['eed', 'ee', positive]])
  }
  const suffix = ['ed', 'ing'].find(
    (ending) => word.endsWith(ending) && hasVowel(word.slice(0, -ending.length)),
  )
  if (suffix === undefined) {
    return word
  }
  const left = word.slice(0, -suffix.length)
  if (MENDS.some(([ending]) => left.endsWith(ending))) {
    return apply(left, MENDS)
  }
  if (endsInDouble(left)) {
    return 'lsz'.includes(left.at(-1)!) ? left : left.slice(0, -1)
  }
  return measure(left) === 1 && endsInShortSyllable(left) ? `${left}e` : left
}

const Y_TO_I: readonly Rule[] = [['y', 'i', (left) => left.length > 1 && endsInConsonant(left)]]

const DOUBLE_SUFFIXES: readonly Rule[] = [
  ['ational', 'ate', positive],
  ['tional', 'tion', positive],
  ['enci', 'ence', positive],
  ['anci', 'ance', positive],
  ['izer', 'ize', positive],
  ['bli', 'ble', positive],
  ['alli', 'al', positive],
  ['entli', 'ent', positive],
  ['eli', 'e', positive],
  ['ousli', 'ous', positive],
  ['ization', 'ize', positive],
  ['ation', 'ate', positive],
  ['ator', 'ate', positive],
  ['alism', 'al', positive],
  ['iveness', 'ive', positive],
  ['fulness', 'ful', positive],
  ['ousness', 'ous', positive],
  ['aliti', 'al', positive],
  ['iviti', 'ive', positive],
  ['biliti', 'ble', positive],
  ['fulli', 'ful', positive],
  // The l counts as part of the stem, so that geology goes with archaeology.
  ['logi', 'log', (left) => positive(`${left}l`)],
]

function doubleSuffix(word: string): string {
  // -alli goes first and lets another rule follow.
  if (word.endsWith('alli') && positive(word.slice(0, -4))) {
    return doubleSuffix(word.slice(0, -2))
  }
  return apply(word, DOUBLE_SUFFIXES)
}

const ADJECTIVES: readonly Rule[] = [
  ['icate', 'ic', positive],
  ['ative', '', positive],
  ['alize', 'al', positive],
  ['iciti', 'ic', positive],
  ['ical', 'ic', positive],
  ['ful', '', positive],
  ['ness', '', positive],
]

const LONG_STEMS: readonly Rule[] = [
  ...['al', 'ance', 'ence', 'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent'].map((suffix): Rule => [
    suffix,
    '',
    aboveOne,
  ]),
  ['ion', '', (left) => aboveOne(left) && 'st'.includes(left.at(-1)!)],
  ...['ou', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize'].map((suffix): Rule => [suffix, '', aboveOne]),
]

const FINAL_E: readonly Rule[] = [
  ['e', '', (left) => aboveOne(left) || (measure(left) === 1 && !endsInShortSyllable(left))],
]
const FINAL_L: readonly Rule[] = [['ll', 'l', (left) => aboveOne(`${left}l`)]]

/** Steps 1a, 1b, 1c, 2, 3, 4, 5a and 5b of the paper. */
const STEPS: readonly ((word: string) => string)[] = [
  plural,
  pastOrProgressive,
  ...[Y_TO_I].map((rules) => (word: string) => apply(word, rules)),
  doubleSuffix,
  ...[ADJECTIVES, LONG_STEMS, FINAL_E, FINAL_L].map((rules) => (word: string) => apply(word, rules)),
]
