import { decoding } from '#contract'
import type { Decoding } from '#contract'
import { t } from '../../language/index.ts'

const DEFAULTS = decoding.parse({})
/**
 * Where the window starts: the whole beam is kept, so that review can show what else the model would have
 * said.
 */
export const START: Decoding = { ...DEFAULTS, nBest: DEFAULTS.beam }

/**
 * Settings that fit together: a greedy search has one outcome, a beam search at most as many as it is wide.
 */
export function fitting(settings: Decoding): Decoding {
  const limit = { greedy: 1, beam: settings.beam, sample: Infinity }[settings.method]
  return { ...settings, nBest: Math.min(settings.nBest, limit) }
}

/** "beam 5, 5 kept" */
export function inWords(settings: Decoding): string {
  const { method, beam, nBest, temperature } = fitting(settings)
  const search = {
    beam: t('review.beamBeam', { beam }),
    greedy: 'greedy',
    sample: t('review.sampledAtTemperature', { temperature }),
  }[method]
  return nBest === 1 ? search : t('review.kept', { search, nBest })
}
