import type { AnnotationReport } from '#contract'
import { count } from '../../../common/text.ts'
import type { Command } from '../../command.ts'
import { table } from '../../table.ts'
import { finish, resultOf } from '../../jobs.ts'
import { openProject } from '../shared.ts'

export const importAnnotations: Command = {
  summary:
    'Takes in what people said of clips: verdicts, notes, tags, captions, topics and corrections; and of neurons.',
  operands: ['PROJECT', 'FILE'],
  options: {
    'dry-run': { help: 'says what would be done, and does nothing' },
    'prefer-file': {
      help: "where only one word can stand, takes the file's in the place of the project's",
    },
  },
  notes:
    'FILE is `annotations.csv` or `annotations.jsonl` of `vitrine export --what annotations`, or the archive of another’s copy of the ' +
    'project (`vitrine archive`): [annotations](export.md#annotations).',
  json:
    '`{lines, added: {verdict, note, tag, caption, topic, correction, neuron}, known, conflicts: [{kind, line, clipId, video, here, whoHere, there, who, ' +
    'outcome}], conflictCount, agreement: [{between, captions, observed, kappa: {value, low, high}}], topics: [{topicId, here, there, outcome}], unplaced: [{line, reason}], unplacedCount, dryRun}`; `outcome` is beside, kept or replaced.',
  async run(context) {
    const { args, client } = context
    const request = {
      path: args.operand('FILE'),
      prefer: args.flag('prefer-file') ? ('file' as const) : ('project' as const),
    }
    const dryRun = args.flag('dry-run')
    await openProject(context)
    const report = dryRun
      ? resultOf(await finish(context, client.corpus.previewAnnotations(request)), 'annotationPreview').report
      : resultOf(await finish(context, client.corpus.importAnnotations(request)), 'annotations').report
    return { text: describe(report), json: { ...report, dryRun } }
  },
}

const KINDS: readonly (readonly [keyof AnnotationReport['added'], string])[] = [
  ['verdict', 'verdict'],
  ['note', 'note'],
  ['tag', 'tag'],
  ['caption', 'caption'],
  ['topic', 'topic'],
  ['correction', 'correction'],
  ['neuron', 'neuron'],
]

function describe({
  added,
  known,
  conflicts,
  conflictCount,
  agreement,
  topics,
  unplaced,
  unplacedCount,
}: AnnotationReport): string {
  const news = KINDS.flatMap(([kind, noun]) => (added[kind] > 0 ? [count(added[kind], noun)] : []))
  return [
    `${news.length === 0 ? 'Nothing' : news.join(', ')} new; ${count(known, 'line')} known.`,
    ...(conflictCount === 0
      ? []
      : [
          `${count(conflictCount, 'line')} that somebody here contradicts:`,
          table(
            ['clip', 'what', 'here', 'of', 'in the file', 'of', 'so'],
            conflicts.map((one) => [
              one.video,
              one.kind,
              one.here,
              one.whoHere,
              one.there,
              one.who,
              one.outcome,
            ]),
          ),
        ]),
    ...(agreement.length === 0
      ? []
      : [
          'How far they agree in their verdicts with people here:',
          table(
            ['in the file', 'here', 'judged by both', 'agree', 'kappa', '95% interval'],
            agreement.map(({ between: [there, here], captions, observed, kappa }) => [
              there,
              here,
              captions,
              { figure: `${(100 * observed).toFixed(0)}%` },
              { figure: kappa === null ? '' : kappa.value.toFixed(2) },
              kappa === null ? null : `${kappa.low.toFixed(2)} to ${kappa.high.toFixed(2)}`,
            ]),
          ),
        ]),
    ...(topics.length === 0
      ? []
      : [
          `${count(topics.length, 'topic')} that the two copies have otherwise:`,
          table(
            ['topic', 'here', 'in the file', 'so'],
            topics.map(({ topicId, here, there, outcome }) => [topicId, here, there, outcome]),
          ),
        ]),
    ...(unplacedCount === 0
      ? []
      : [
          `${count(unplacedCount, 'line')} without a place here:`,
          table(
            ['line', 'why'],
            unplaced.map(({ line, reason }) => [line, reason]),
          ),
        ]),
  ].join('\n')
}
