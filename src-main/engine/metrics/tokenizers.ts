import type { EngineParams } from '../../engine-host/contract.ts'
import { tokenizePtb } from './ptb.ts'
import { tokenize } from '../../common/tokenize.ts'

export type Tokenizer = EngineParams<'metrics.score'>['tokenizer']

/**
 * `words`: Vitrine's own; `ptb`: as COCO's tools; `whitespace`: the text is tokens already, whose case is
 * kept.
 */
export const TOKENIZERS: Readonly<Record<Tokenizer, (caption: string) => string[]>> = {
  words: tokenize,
  ptb: tokenizePtb,
  whitespace: (caption) => caption.match(/\S+/g) ?? [],
}
