import type { CaptionMetrics } from '../../contract/index.ts'
import { bleu } from './bleu.ts'
import type { Bleu } from './bleu.ts'
import { Cider } from './cider.ts'
import { rougeL } from './rouge.ts'

/**
 * All metrics of captions that are words already: of the corpus, and of each caption. `references[i]` are the sentences
 * of caption i, at least one. The corpus' ROUGE-L and CIDEr are means over captions; its BLEU pools the counts. Pass
 * `cider` when it has been made from the same references.
 */
export function scoreCaptions(
  hypotheses: readonly string[][],
  references: readonly string[][][],
  cider: Cider = new Cider(references),
): { metrics: CaptionMetrics; captions: CaptionMetrics[] } {
  const bleus = bleu(hypotheses, references)
  const captions = hypotheses.map((hypothesis, i) =>
    named(bleus.captions[i]!, rougeL(hypothesis, references[i]!), cider.score(i, hypothesis)),
  )
  const mean = (metric: keyof CaptionMetrics): number =>
    captions.reduce((sum, caption) => sum + caption[metric], 0) / captions.length
  return { metrics: named(bleus.corpus, mean('ROUGE_L'), mean('CIDEr')), captions }
}

const named = ([BLEU_1, BLEU_2, BLEU_3, BLEU_4]: Bleu, ROUGE_L: number, CIDEr: number): CaptionMetrics => ({
  BLEU_1, BLEU_2, BLEU_3, BLEU_4, ROUGE_L, CIDEr,
})
