import type { RemovableRef } from '@vueuse/core'
import { decoding } from '#contract'
import type { Decoding, Split } from '#contract'
import { client } from '../../client.ts'
import { useProjectState } from '../../composables/persisted.ts'

const DEFAULTS = decoding.parse({})

/** How captions are decoded in this project, wherever they are asked for. At first the whole beam is kept, so that review can show what else the model would have said. */
export const useDecoding = (): RemovableRef<Decoding> => useProjectState('decoding', { ...DEFAULTS, nBest: DEFAULTS.beam })

/** Settings that fit together: a greedy search has one outcome, a beam search at most as many as it is wide. */
export function fitting(settings: Decoding): Decoding {
  const most = { greedy: 1, beam: settings.beam, sample: Infinity }[settings.method]
  return { ...settings, nBest: Math.min(settings.nBest, most) }
}

/** "beam 5, 5 kept" */
export function inWords(settings: Decoding): string {
  const { method, beam, nBest, temperature } = fitting(settings)
  const how = { beam: `beam ${beam}`, greedy: 'greedy', sample: `sampled at temperature ${temperature}` }[method]
  return nBest === 1 ? how : `${how}, ${nBest} kept`
}

/** Captions a split with a model and scores the result. */
export const captionSplit = (modelId: number | null, split: Split, settings: Decoding): Promise<unknown> =>
  client.captions.generate({ modelId, split, ...fitting(settings) })
