import { tokenize } from '../../common/tokenize.ts'
import type { Tokenizer } from '../../engine-host/contract/metrics.ts'
import { tokenizePtb } from './ptb.ts'

/**
 * `words`: Vitrine's own; `ptb`: as COCO's tools; `whitespace`: the text is tokens already, whose case is
 * kept.
 */
export const TOKENIZERS: Readonly<Record<Tokenizer, (caption: string) => string[]>> = {
  words: tokenize,
  ptb: tokenizePtb,
  whitespace: (caption) => caption.match(/\S+/g) ?? [],
}
