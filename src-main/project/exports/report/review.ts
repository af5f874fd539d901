/** What people think of captions: verdicts, and how far they agree. */
import type { ModelRow, Split, Verdict } from '#contract'
import { count } from '../../../common/text.ts'
import { missing, paragraph, tableBlock } from '../../../formats/report/document.ts'
import type { Block, ReportCell, ReportSection } from '../../../formats/report/document.ts'
import { command, CURRENT_NOTE, modelName, SPLIT_NAMES, SPLITS } from './source.ts'
import type { ReportSource } from './source.ts'

const VERDICTS: readonly Verdict[] = ['right', 'nearly', 'wrong', 'skip']

export async function reviewSection(source: ReportSource): Promise<ReportSection> {
  const { store } = source.project
  const typed = store.captions.writtenByPeople().length
  const rows = source.models.flatMap((model) => SPLITS.flatMap((split) => verdictRows(source, model, split)))
  return {
    id: 'review',
    title: 'Review by people',
    blocks: [
      ...(typed > 0 ? [paragraph(`People typed or edited ${count(typed, 'caption')} in this project.`)] : []),
      ...(rows.length === 0
        ? [
            missing(
              'Nobody has judged what a model says yet.',
              command(source, 'judge --video CLIP --verdict right'),
            ),
          ]
        : [verdictTable(rows), ...(await agreements(source))]),
    ],
  }
}

function verdictRows({ project: { store } }: ReportSource, model: ModelRow, split: Split): ReportCell[][] {
  const captioned = store.verdicts.captioned(model.id, split)
  const given = [...store.verdicts.ofModel(model.id)]
    .filter(([clipId]) => captioned.has(clipId))
    .flatMap(([, verdicts]) => verdicts)
  return [...Map.groupBy(given, ({ who }) => who)].map(([who, theirs]) => [
    modelName(model),
    SPLIT_NAMES[split],
    who,
    captioned.size,
    theirs.length,
    ...VERDICTS.map((verdict) => theirs.filter((one) => one.verdict === verdict).length),
  ])
}

const verdictTable = (rows: ReportCell[][]): Block =>
  tableBlock({
    name: 'review-verdicts',
    title: 'Verdicts on captions',
    note: `Captions: those that the model has of the split; judged: those of them that the person has judged as they are now, with whichever model says them. ${CURRENT_NOTE}`,
    columns: [
      { name: 'model' },
      { name: 'split' },
      { name: 'person' },
      { name: 'captions' },
      { name: 'judged' },
      ...VERDICTS.map((verdict) => ({ name: verdict === 'skip' ? 'skipped' : verdict })),
    ],
    rows,
  })

async function agreements({ models, queries, call }: ReportSource): Promise<Block[]> {
  const rows: ReportCell[][] = []
  for (const model of models) {
    for (const split of SPLITS) {
      const { agreement } = await queries.review.agreement({ modelId: model.id, split, between: null }, call)
      if (agreement !== null) {
        const { between, captions, observed, kappa } = agreement
        rows.push([modelName(model), SPLIT_NAMES[split], between.join(', '), captions, observed, kappa])
      }
    }
  }
  return rows.length === 0
    ? [paragraph('No two people judged the same captions, so their agreement is not known.')]
    : [
        tableBlock({
          name: 'review-agreement',
          title: 'Agreement of two people',
          note: `Of the two who judged the most captions both. Observed: the share of these on which they say the same. Kappa: Cohen's, with the 95% interval of its normal approximation. ${CURRENT_NOTE}`,
          columns: [
            { name: 'model' },
            { name: 'split' },
            { name: 'people' },
            { name: 'captions' },
            { name: 'observed', digits: 3 },
            { name: 'kappa', digits: 3, interval: true },
          ],
          rows,
        }),
      ]
}
