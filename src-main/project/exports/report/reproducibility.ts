/** What is needed to come to the same figures again: versions, seeds, settings, and checksums of what was read. */
import { createHash } from 'node:crypto'
import { heading, paragraph, tableBlock } from '../../../formats/report/document.ts'
import type { Block, ReportSection } from '../../../formats/report/document.ts'
import { modelName } from './source.ts'
import type { ReportSource } from './source.ts'

/** Digits of a checksum that are shown; tables as CSV have the same. */
const DIGITS = 16

export async function reproducibilitySection(source: ReportSource): Promise<ReportSection> {
  return {
    id: 'reproducibility',
    title: 'Reproducibility',
    blocks: [
      paragraph(
        'The same project, program, device and seeds give the same figures; another device, or another version of the runtime, rounds otherwise.',
      ),
      versionTable(source),
      ...(await featureTable(source)),
      ...modelTable(source),
      heading('How figures are measured'),
      ...MEASURES.map(paragraph),
    ],
  }
}

const versionTable = ({ versions }: ReportSource): Block =>
  tableBlock({
    name: 'versions',
    title: 'Versions',
    note: 'Of the program that made the report and of what computes in it. Models may have been trained with others.',
    columns: [{ name: 'what' }, { name: 'version' }],
    rows: versions,
  })

/** Features by their files' checksums: two projects that agree here trained on the same numbers. */
async function featureTable({ project, queries, call }: ReportSource): Promise<Block[]> {
  const { sets } = await queries.corpus.featureSets(undefined, call)
  const rows = sets
    .filter(({ origin }) => origin.kind !== 'concatenation')
    .map(({ title, key, origin }) => {
      const seals = project.store.features.seals(key)
      return [
        title,
        key,
        origin.kind === 'encoder' ? origin.fingerprint.slice(0, DIGITS) : null,
        seals.length,
        digestOf(seals.map(({ contentHash, sha256 }) => `${contentHash} ${sha256}`)),
      ]
    })
  return rows.length === 0
    ? []
    : [
        tableBlock({
          name: 'feature-checksums',
          title: 'Checksums of features',
          note: `Encoder: of its network and of how frames are put into it. Files: SHA-256 of the lines "content checksum" of all its files, sorted; the first ${DIGITS} digits of each.`,
          columns: [
            { name: 'features', wide: true },
            { name: 'key' },
            { name: 'encoder' },
            { name: 'files' },
            { name: 'SHA-256' },
          ],
          rows,
        }),
      ]
}

function modelTable({ models, project: { store } }: ReportSource): Block[] {
  const rows = models.flatMap((model) => {
    const { inputs, seed } = store.models.get(model.id)
    return inputs === null
      ? []
      : [
          [
            modelName(model),
            seed,
            ...[inputs.clips, inputs.features, inputs.captions, inputs.topics].map((digest) =>
              digest.slice(0, DIGITS),
            ),
          ],
        ]
  })
  return rows.length === 0
    ? []
    : [
        tableBlock({
          name: 'model-checksums',
          title: 'What models were trained on',
          note: `Digests of the training clips, their features, captions and topics: models with the same ones read the same. The first ${DIGITS} digits of each.`,
          columns: [
            { name: 'model' },
            { name: 'seed', plain: true },
            { name: 'clips' },
            { name: 'features' },
            { name: 'captions' },
            { name: 'topics' },
          ],
          rows,
        }),
      ]
}

function digestOf(lines: readonly string[]): string {
  const hash = createHash('sha256')
  for (const line of lines.toSorted()) {
    hash.update(`${line}\n`)
  }
  return hash.digest('hex').slice(0, DIGITS)
}

const MEASURES = [
  'Captions are found by beam search unless their model was captioned otherwise, and scored in words as the captioner reads them. BLEU, ROUGE-L and CIDEr (CIDEr-D) are as pycocoevalcap computes them, the document frequencies of CIDEr those of the split; METEOR is as nltk computes it, with the synonyms of WordNet, and not METEOR 1.5.',
  'Topics, vocabulary, standardisation, projection and settings come from training clips alone, settings are chosen on validation, and the test split is looked at once; where a figure is flattered because something moved between splits, a remark beside it says so.',
  'Intervals are 95% percentile bootstrap intervals over clips, or over groups of clips for actions. They are of one model: that of several seeds is in its own table.',
]
