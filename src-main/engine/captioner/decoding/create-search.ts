import type { CaptionerSettings, Decoding } from '#contract'
import { createRandom } from '../../../common/random.ts'
import type { Random } from '../../../common/random.ts'
import { BeamSearch } from './beam.ts'
import { Sampling } from './sampling.ts'
import type { Search } from './search.ts'

/** What a model's settings say of decoding. */
type DecodingSettings = Pick<CaptionerSettings, 'maxWords' | 'lengthNormalisation'>

/** Hypotheses that a clip's search feeds at a time. */
export function searchRows({ method, beam, nBest }: Decoding): number {
  switch (method) {
    case 'greedy':
      return 1
    case 'beam':
      return beam
    case 'sample':
      return nBest
  }
}

/**
 * A search for a clip's captions by a model with these settings. `clip` is the clip's id, which with the seed
 * chooses what is sampled.
 */
export function createSearch(decoding: Decoding, clip: number, settings: DecodingSettings): Search {
  const { method, beam, nBest, temperature, seed } = decoding
  const { maxWords } = settings
  const lengthNormalisation = decoding.lengthNormalisation ?? settings.lengthNormalisation
  switch (method) {
    case 'greedy':
      return new BeamSearch(1, maxWords)
    case 'beam':
      return new BeamSearch(beam, maxWords, lengthNormalisation, nBest)
    case 'sample':
      return new Sampling(temperature, randomStreams(nBest, clip, seed), maxWords)
  }
}

/**
 * Every clip has streams of its own, so that what is sampled does not depend on the clips it is captioned
 * with.
 */
function randomStreams(count: number, clip: number, seed: number): Random[] {
  const random = createRandom(createRandom(seed).uint32() + Math.imul(clip, 0x9e3779b9))
  return Array.from({ length: count }, () => random.fork())
}
