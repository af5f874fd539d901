/** What `score` and `compare` share: options on caption files, and resamples. */
import { captionTokenizer } from '#contract'
import type { Arguments } from '../../arguments.ts'
import { UsageError } from '../../arguments.ts'
import type { Option } from '../../command.ts'

export const TOKENIZERS = captionTokenizer.options

export const TOKENIZER_OPTION: Option = {
  value: 'NAME',
  help: `${TOKENIZERS.join(', ')} (words); ptb: as COCO's tools, whitespace: the files hold tokens`,
}
export const REFERENCES_OPTION: Option = {
  value: 'FILE',
  help: 'the human captions, in any format that an import reads: id<TAB>caption, a JSON object, COCO captions',
}

/** A number of resamples. Throws UsageError for one that is too small or too large. */
export function samplesOf(args: Arguments, option: string): number | undefined {
  const samples = args.integer(option)
  if (samples !== undefined && (samples < 100 || samples > 100_000)) {
    throw new UsageError(`--${option} takes 100 to 100000, not ${samples}`)
  }
  return samples
}
