import { readFile } from 'node:fs/promises'
import { loadWordNet, wordNetFile } from '../metrics/wordnet.ts'

/** WordNet's numbers of the parts of speech in sense keys; 5 are adjectives too (senseidx(5WN)). */
const PART_NUMBERS: Record<string, string> = { '1': 'noun', '2': 'verb', '3': 'adj', '4': 'adv', '5': 'adj' }

/**
 * Takes words back to their base forms: riding to ride, men to man. Captions come without parts of speech, so
 * of the forms that WordNet's rules lead to (morphy(7WN)), as any part, the one counts whose senses are
 * tagged most often in WordNet's texts: cutting is cut, the verb, not a cutting. Of equal ones the shorter.
 * Words that WordNet lacks stay as they are. Throws NOT_FOUND when WordNet's package is not installed.
 */
export async function loadLemmas(): Promise<(word: string) => string> {
  const [wordNet, senses] = await Promise.all([loadWordNet(), readFile(wordNetFile('index.sense'), 'latin1')])
  const tagged = new Map<string, number>()
  for (const [, lemma, part, count] of senses.matchAll(/^([^%\n]+)%(\d):\S* \d+ \d+ ([1-9]\d*)$/gm)) {
    const key = `${PART_NUMBERS[part!]} ${lemma!}`
    tagged.set(key, (tagged.get(key) ?? 0) + Number(count))
  }
  return (word) => {
    const [best] = wordNet
      .baseForms(word)
      .map(({ part, form }) => ({ form, count: tagged.get(`${part} ${form}`) ?? 0 }))
      .sort((a, b) => b.count - a.count || a.form.length - b.form.length)
    return best?.form ?? word
  }
}
