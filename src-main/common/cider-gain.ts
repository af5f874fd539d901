interface Ciders {
  ciderBefore: number | null
  ciderAfter: number | null
}

/**
 * What a caption gained in CIDEr (0 where people said nothing), to the two decimals that are shown: what
 * looks equal is neither better nor worse.
 */
export const ciderGain = ({ ciderBefore, ciderAfter }: Ciders): number =>
  Math.round(((ciderAfter ?? 0) - (ciderBefore ?? 0)) * 100) / 100

/** A change of a caption with what it gained. */
export const withGain = <Change extends Ciders>(change: Change): Change & { gain: number } => ({
  ...change,
  gain: ciderGain(change),
})
