import { failures } from './failures.ts'

export interface Matched {
  hypotheses: string[][]
  /** `references[i]` are the sentences of hypothesis i. */
  references: string[][][]
}

/**
 * The words of the references by id, ready to be matched with one or more systems' captions. Throws BAD_INPUT
 * for an id that comes twice or has no sentence.
 */
export function readReferences<Id extends string | number>(
  references: readonly { id: Id; captions: string[] }[],
  tokenize: (caption: string) => string[],
): Map<Id, string[][]> {
  const sentences = new Map<Id, string[][]>()
  for (const { id, captions } of references) {
    if (sentences.has(id)) {
      throw failures.referencesTwice({ id })
    }
    if (captions.length === 0) {
      throw failures.referencesEmpty({ id })
    }
    sentences.set(id, captions.map(tokenize))
  }
  return sentences
}

/**
 * Captions beside their references, in the captions' order. Throws BAD_INPUT unless both name the same ids,
 * each once.
 */
export function match<Id extends string | number>(
  hypotheses: readonly { id: Id; caption: string }[],
  references: ReadonlyMap<Id, string[][]>,
  tokenize: (caption: string) => string[],
): Matched {
  if (hypotheses.length === 0) {
    throw failures.noCaptions()
  }
  const seen = new Set<Id>()
  const matched = hypotheses.map(({ id }) => {
    if (seen.has(id)) {
      throw failures.captionTwice({ id })
    }
    seen.add(id)
    const sentences = references.get(id)
    if (sentences === undefined) {
      throw failures.noReference({ id })
    }
    return sentences
  })
  if (seen.size < references.size) {
    const missing = [...references.keys()].filter((id) => !seen.has(id))
    throw failures.captionsMissing({ missing: missing.length, references: references.size, id: missing[0]! })
  }
  return { hypotheses: hypotheses.map(({ caption }) => tokenize(caption)), references: matched }
}
