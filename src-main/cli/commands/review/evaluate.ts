import { count } from '../../../common/text.ts'
import type { Command } from '../../command.ts'
import { CAPTION_OPTIONS, captionSplit, evaluationTable } from './shared.ts'

export const evaluate: Command = {
  summary:
    'Captions a split with a model and scores it against the human captions, beside the best fixed caption.',
  operands: ['PROJECT'],
  options: CAPTION_OPTIONS,
  json:
    '`{model, split, captions, metrics: {BLEU_1, BLEU_2, BLEU_3, BLEU_4, ROUGE_L, CIDEr, METEOR}, ' +
    'fixedCaption: {caption, metrics}, topics: {mAP, chance}, intervals: {BLEU_1: {low, high}, ...}, tainted}`; `topics` ' +
    'is null for a baseline, `intervals` are 95% bootstrap [intervals](metrics.md#intervals), `tainted` counts test clips ' +
    'that [the model learnt from](training.md#stale-models), `topicsFromAllClips` topics of the model that ' +
    '[were found in all clips](topics.md#no-leak).',
  async run(context) {
    const { modelId, split } = await captionSplit(context)
    const { evaluations, kind, tainted, topicsFromAllClips } = await context.client.training.model({
      modelId,
    })
    const evaluation = evaluations.find((ofSplit) => ofSplit.split === split)
    if (evaluation === undefined) {
      throw new Error('captioning left no evaluation')
    }
    const flattering = split === 'test' ? tainted : 0
    return {
      text: [
        evaluationTable([{ name: `model ${modelId} (${kind})`, evaluation }]),
        ...(flattering === 0
          ? []
          : [`${count(flattering, 'clip')} of these the model learnt from: the score flatters it.`]),
        ...(split === 'train' || topicsFromAllClips === 0
          ? []
          : [
              `${count(topicsFromAllClips, 'topic')} of the model ${topicsFromAllClips === 1 ? 'was' : 'were'} found in the captions of all clips, these too: the topic mAP flatters it.`,
            ]),
      ].join('\n'),
      json: { model: modelId, ...evaluation, tainted: flattering, topicsFromAllClips },
    }
  },
}
