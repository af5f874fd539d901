import type { RemovableRef } from '@vueuse/core'
import type { Decoding, Split } from '#contract'
import { client } from '../../client.ts'
import { useProjectState } from '../../stores/project-state.ts'
import { fitting, START } from './settings.ts'

/** How captions are decoded in this project, wherever they are asked for. */
export const useDecoding = (): RemovableRef<Decoding> => useProjectState('decoding', { ...START })

/** Captions a split with a model and scores the result. */
export const captionSplit = (modelId: number | null, split: Split, settings: Decoding): Promise<unknown> =>
  client.review.generate({ modelId, split, ...fitting(settings) })
