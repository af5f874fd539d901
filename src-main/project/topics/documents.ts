/** Which clips say what topics are: those that they are found in, and the others, which are given topics only. */
import type { Split, TopicSource } from '#contract'
import type { TopicDocument } from '../../engine-host/contract/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { failures } from './failures.ts'

type Store = OpenProject['store']

/** One document for each clip of a split (null: of all) with captions, as LDA has it. */
export const documentsOf = (store: Store, split: Split | null = null): TopicDocument[] =>
  [...store.captions.textsByClip(split)].map(([id, captions]) => ({ id, captions }))

/** Clips with captions: `documents` are those that topics are found in. */
export interface DividedDocuments {
  documents: TopicDocument[]
  others: TopicDocument[]
}

/** Divides the clips with captions. Throws NOT_READY where topics would be found in none. */
export function divideDocuments(store: Store, from: TopicSource): DividedDocuments {
  if (from === 'all') {
    return { documents: documentsOf(store), others: [] }
  }
  const documents = documentsOf(store, 'train')
  if (documents.length === 0) {
    throw failures.noTrainingCaptions()
  }
  return { documents, others: [...documentsOf(store, 'val'), ...documentsOf(store, 'test')] }
}

/** The same of documents that are given, by the split that their clips are in. */
export function divideClips(
  store: Store,
  from: TopicSource,
  given: readonly TopicDocument[],
): DividedDocuments {
  const isRead = ({ id }: TopicDocument): boolean => from === 'all' || store.clips.get(id).split === 'train'
  return { documents: given.filter(isRead), others: given.filter((document) => !isRead(document)) }
}
