import { joinPath } from '../../composables/format.ts'
import { usePersisted } from '../../composables/persisted.ts'

/** Where the sample corpus was last rendered to; empty before. The import dialog offers it. */
export const sampleFolder = usePersisted('sample', '')

/** The parts of a rendered sample corpus. */
export const sampleParts = (
  folder: string,
): { videos: string; captions: string; split: string; actions: string } => ({
  videos: joinPath(folder, 'clips'),
  captions: joinPath(folder, 'captions.tsv'),
  split: joinPath(folder, 'split.tsv'),
  actions: joinPath(folder, 'actions'),
})
