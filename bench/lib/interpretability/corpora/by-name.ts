/** The corpora by their names. */
import type { Corpus, CorpusName, CorpusOptions } from './corpus.ts'
import { msvdCorpus } from './msvd.ts'
import { flickr8kCorpus, msrvttCorpus } from './real.ts'
import { sampleCorpus } from './sample.ts'

/** A corpus, made in its folder or read from there; null where the folder of data lacks it. */
export function corpusNamed(
  name: CorpusName,
  dataFolder: string,
  options: CorpusOptions,
): Promise<Corpus | null> {
  switch (name) {
    case 'sample':
      return sampleCorpus(options)
    case 'flickr8k':
      return flickr8kCorpus(dataFolder, options)
    case 'msrvtt':
      return msrvttCorpus(dataFolder, options)
    case 'msvd':
      return msvdCorpus(dataFolder, options)
  }
}
