/**
 * The card of an exported model: a README with a head of YAML in the form of the Hugging Face hub
 * (https://huggingface.co/docs/hub/model-cards), whose figures are in the head, too. What is not known is said so.
 */
import type { ActionsResult, Estimate, Evaluation, ModelRow, Split } from '#contract'
import { count } from '../../common/text.ts'
import type { Captioner, OpenProject } from '../../store/index.ts'
import { taintedClips } from '../held-out.ts'
import { countFromAllClips } from '../topics/staleness.ts'
import type { Classifier } from './classes.ts'
import type { Preprocessing } from './frame-encoder.ts'

const SPLITS: readonly Split[] = ['train', 'val', 'test']
const SPLIT_NAMES: Record<Split, string> = { train: 'training', val: 'validation', test: 'test' }
/** What the hub calls the metrics that it knows. */
const HUB_METRICS = { BLEU_4: 'bleu', ROUGE_L: 'rouge', METEOR: 'meteor', CIDEr: 'cider' } as const
const METRICS = ['BLEU_1', 'BLEU_2', 'BLEU_3', 'BLEU_4', 'ROUGE_L', 'METEOR', 'CIDEr'] as const
const TOPICS_SHOWN = 100
const WORDS_SHOWN = 5

interface Facts {
  project: OpenProject
  model: Captioner
  preprocessing: Preprocessing
  classifier: Classifier | null
  /** It goes from frames on, and not from features. */
  takesVideos: boolean
}

/** The card in Markdown. */
export function modelCard(facts: Facts): string {
  const { project, model } = facts
  const title = `${project.name}, model ${model.id}`
  const sections = [
    `# ${title}`,
    what(facts),
    `## Use\n\n${use(facts)}`,
    `## Data\n\n${dataOf(facts)}`,
    `## Metrics\n\n${metrics(facts)}`,
    `## Topics and neurons\n\n${topics(facts)}`,
    ...(facts.classifier === null ? [] : [`## Classes\n\n${classes(facts.classifier)}`]),
    `## Corrections\n\n${corrections(facts)}`,
    `## Intended use\n\n${INTENDED_USE}`,
    `## Limits\n\n${limits(facts)}`,
    `## Licences\n\n${licences(facts)}`,
  ]
  return `${head(facts, title)}\n${sections.join('\n\n')}\n`
}

/** The head. JSON's strings and lists are YAML's, too, whatever is in them. */
function head({ project: { store }, model }: Facts, title: string): string {
  const evaluations = store.models.evaluations(model.id)
  const languages = store.captions.languages().map(({ language }) => language)
  const task = taskOf(store.clips.arePictures())
  const lines = [
    '---',
    'license: unknown',
    'library_name: onnx',
    `pipeline_tag: ${task}`,
    ...(languages.length > 0 ? [`language: ${JSON.stringify(languages)}`] : []),
    'tags: ["video-captioning", "interpretability", "onnx", "safetensors"]',
    ...(evaluations.length > 0 ? resultsOf(evaluations, { task, title }) : []),
    '---',
    '',
  ]
  return lines.join('\n')
}

const taskOf = (arePictures: boolean): string => (arePictures ? 'image-to-text' : 'video-text-to-text')

function resultsOf(
  evaluations: readonly Evaluation[],
  { task, title }: { task: string; title: string },
): string[] {
  return [
    `metrics: ${JSON.stringify(Object.values(HUB_METRICS))}`,
    'model-index:',
    `  - name: ${JSON.stringify(title)}`,
    '    results:',
    ...evaluations.flatMap(({ split, metrics: scores }) => [
      `      - task: { type: ${task} }`,
      `        dataset: { name: ${JSON.stringify(`clips of the ${SPLIT_NAMES[split]} split`)}, type: private, split: ${split} }`,
      '        metrics:',
      ...Object.entries(HUB_METRICS).flatMap(([metric, type]) => {
        const score = scores[metric as keyof typeof HUB_METRICS]
        return score === null
          ? []
          : [`          - { type: ${type}, value: ${score.toFixed(4)}, name: ${metric} }`]
      }),
    ]),
  ]
}

const KINDS: Record<Captioner['kind'], string> = {
  interpretive: 'whose neurons are tied to topics of the captions',
  baseline: 'whose neurons nobody tied to topics (a baseline)',
  'random-topics': 'whose neurons are tied to shuffled topics (a control)',
}
const ORIGINS: Record<ModelRow['origin'], string> = {
  trained: 'It was trained',
  corrected: 'It learnt corrections of captions, as a version of model PARENT',
  remapped: 'It is model PARENT, carried over to edited topics',
  refined: 'It is model PARENT, trained further on edited topics',
  imported: 'It came from another project',
}

function what({ model, takesVideos, preprocessing }: Facts): string {
  const origin = ORIGINS[model.origin].replace('PARENT', String(model.parent ?? ''))
  const sees = takesVideos ? 'videos' : 'features of frames'
  const { encoder, features } = preprocessing
  const eyes = encoder === null ? features.title : `${encoder.title} (${encoder.source})`
  return (
    `A captioner of ${sees}, ${KINDS[model.kind]}: a bidirectional LSTM over frames and an attentive LSTM decoder, exported from Vitrine. ` +
    `It sees ${count(features.frames, 'frame')} of a clip at most, through ${eyes}, ${features.dimension} values a frame. ${origin} (seed ${model.seed}).`
  )
}

const use = ({ takesVideos, classifier }: Facts): string =>
  [
    '```sh',
    ...(takesVideos
      ? [
          'python3 caption.py VIDEO           # numpy, onnxruntime, ffmpeg',
          'node caption.mjs VIDEO             # onnxruntime-node, ffmpeg',
        ]
      : []),
    'python3 caption.py FEATURES.npy',
    'node caption.mjs FEATURES.npy',
    ...(classifier === null
      ? []
      : ['node caption.mjs --classes FEATURES.npy  # the class of an action, in Python too']),
    '```',
    '',
    '[FILES.md](FILES.md) says what each file is. `config.json` and `model.safetensors` are the model as numbers; with `topics.json`, ' +
      '`preprocessing.json` and `vocabulary.json` another project takes it in.',
  ].join('\n')

function dataOf({ project: { store }, model }: Facts): string {
  const clips = store.clips.splitCounts()
  const rows = SPLITS.map((split) => {
    const { captions } = store.captions.size(split)
    return [SPLIT_NAMES[split], String(clips[split]), String(captions)]
  })
  const languages = store.captions.languages()
  const known = languages.map(({ language, captions }) => `${language} (${captions})`).join(', ')
  return [
    table(['split', 'clips', 'captions'], rows),
    '',
    `As the project has them at the time of the export. ${
      model.origin === 'imported'
        ? 'The model was trained on clips of another project.'
        : 'It learnt from the training split.'
    } ` +
      (languages.length > 0
        ? `Languages of captions: ${known}.`
        : 'The language of the captions is not recorded.'),
  ].join('\n')
}

function metrics(facts: Facts): string {
  const { project, model } = facts
  const evaluations = project.store.models.evaluations(model.id)
  if (evaluations.length === 0) {
    return 'It was not evaluated.'
  }
  const tainted = taintedClips(project, 'test')(model).size
  const allClips = countFromAllClips(project.store, model.topics)
  const notes = [
    ...(tainted > 0
      ? [`It has learnt from ${count(tainted, 'clip')} of the test split: figures of that split flatter it.`]
      : []),
    ...(allClips > 0
      ? [
          `${count(allClips, 'topic')} of it ${allClips === 1 ? 'was' : 'were'} found in the captions of all clips: topic scores of validation and test flatter it.`,
        ]
      : []),
  ]
  return [
    ...evaluations.map(evaluationText),
    'Brackets are 95% bootstrap intervals over clips. The fixed caption is the best single one of the training captions, given to every clip.',
    ...notes,
  ].join('\n\n')
}

function evaluationText({
  split,
  captions,
  metrics: scores,
  fixedCaption,
  intervals,
  topics: ofTopics,
}: Evaluation): string {
  const cell = (metric: (typeof METRICS)[number]): string => {
    const score = scores[metric]
    const interval = intervals?.[metric]
    const ends = interval === undefined ? '' : ` [${fixed(interval.low)}, ${fixed(interval.high)}]`
    return score === null ? 'not scored' : `${fixed(score)}${ends}`
  }
  const rows = METRICS.map((metric) => {
    const ofFixed = fixedCaption.metrics[metric]
    return [metric, cell(metric), ofFixed === null ? 'not scored' : fixed(ofFixed)]
  })
  const byTopics =
    ofTopics === null
      ? ''
      : `\n\nTopics: mean average precision ${fixed(ofTopics.mAP)}, where a random ranking has ${fixed(ofTopics.chance)}.`
  return `On ${count(captions, 'clip')} of the ${SPLIT_NAMES[split]} split:\n\n${table(['metric', 'this model', 'fixed caption'], rows)}${byTopics}`
}

function topics({ project: { store }, model }: Facts): string {
  const map = store.neurons.get(model.id)
  const shown = store.topics.getAll(model.topics.slice(0, TOPICS_SHOWN)).map(({ label, words }) => {
    const likeliest = words.slice(0, WORDS_SHOWN).map(({ word }) => word)
    return likeliest.length === 0 ? label : `${label} (${likeliest.join(', ')})`
  })
  const more = model.topics.length - shown.length
  const aligned = map?.neurons.flatMap(({ alignment }) => (alignment === null ? [] : [alignment])) ?? []
  const significant = aligned.filter(({ q }) => q < 0.05).length
  const neurons =
    map === null
      ? 'Its neurons were not interpreted.'
      : `\`neurons.json\` has what each of its ${count(map.neurons.length, 'neuron')} stands for.` +
        (map.alignment === null || aligned.length === 0
          ? ''
          : ` On ${count(map.alignment.clips, 'clip')} of the ${SPLIT_NAMES[map.alignment.split]} split that it has not learnt from, ` +
            `${significant} of ${aligned.length} answer to their topic (q < 0.05).`)
  return [
    ...(shown.length === 0
      ? ['It knows no topics.']
      : [
          `${count(model.topics.length, 'topic')}: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`,
        ]),
    neurons,
  ].join('\n\n')
}

function classes({ result, source }: Classifier): string {
  const { accuracy, macroF1, logLoss, calibrationError, perClass } = source
  const withEnds = ({ value, low, high }: Estimate): string =>
    low === null || high === null ? fixed(value) : `${fixed(value)} [${fixed(low)}, ${fixed(high)}]`
  const figures = [
    ['accuracy', withEnds(accuracy)],
    ['macro-F1', withEnds(macroF1)],
    ...(logLoss === null ? [] : [['log-loss', fixed(logLoss)]]),
    ...(calibrationError === null ? [] : [['calibration error', fixed(calibrationError)]]),
  ]
  return [
    `\`classes.onnx\` tells ${result.classes.length} classes of actions by its neurons: a linear classifier of their means over a clip, learnt from ${count(result.clips, 'clip')} in ${count(result.groups, 'group')}. ` +
      `The figures are of classifiers that were asked about clips which they had not learnt from, ${DIVISIONS[result.division]}; chance is ${fixed(1 / result.classes.length)}.`,
    table(['figure', 'by its neurons'], figures),
    table(
      ['class', 'clips', 'precision', 'recall', 'F1'],
      result.classes.map((name, k) => {
        const { clips, precision, recall, f1 } = perClass[k]!
        return [quoted(name), String(clips), fixed(precision), fixed(recall), fixed(f1)]
      }),
    ),
    'Brackets are 95% bootstrap intervals over groups of clips that were cut from one video.',
  ].join('\n\n')
}

const DIVISIONS: Record<ActionsResult['division'], string> = {
  folds: 'in folds that keep groups together',
  groups: 'one group of clips left out at a time',
  given: 'by the splits that the corpus gives',
}

function corrections({ project: { store }, model }: Facts): string {
  const learnt = versionsOf(store, model).flatMap((id) => store.corrections.ofModel(id))
  if (learnt.length === 0) {
    return 'It has learnt none.'
  }
  const shown = learnt.map(({ before, wanted }) => [quoted(before), quoted(wanted)])
  return `It, and the versions that it comes from, learnt ${count(learnt.length, 'correction')} that people made:\n\n${table(['it said', 'it was to say'], shown)}`
}

/** A model and the versions that it comes from. */
function versionsOf(store: OpenProject['store'], model: Captioner): number[] {
  const ids: number[] = []
  for (let id: number | null = model.id; id !== null; id = store.models.get(id).parent) {
    ids.push(id)
  }
  return ids
}

const INTENDED_USE =
  'Research on what a captioner of videos has learnt, and captioning of clips like those that it was trained on. Not for decisions about people.'

function limits({ project: { store }, model, preprocessing }: Facts): string {
  const { train } = store.clips.splitCounts()
  const shown = model.origin === 'imported' ? 'clips of another project' : count(train, 'clip')
  return [
    `- It knows what ${shown} showed, and says something of any clip, with words of its vocabulary alone; nothing in a caption tells that it is a guess.`,
    `- It says ${model.settings.maxWords} words at most, of ${count(preprocessing.features.frames, 'frame')}; it hears nothing.`,
    '- What people who described its clips took for granted, it does, too. Nobody has looked for biases beyond what is written above.',
    '- That a neuron answers to a topic does not say that the caption rests on it.',
  ].join('\n')
}

function licences({ preprocessing: { encoder, features } }: Facts): string {
  const eyes =
    encoder === null
      ? `- The features are ${features.title}; the licence of what computed them is not known here.`
      : `- The frame encoder ${encoder.title} (${encoder.source}): ${encoder.licence || 'not stated'}.`
  return [
    eyes,
    '- The licence of the clips and captions that it was trained on is not known here, and with it that of the weights: whoever publishes them fills in `license` above.',
    '- The programs `caption.py` and `caption.mjs` come with Vitrine and may be used as its licence says (MIT).',
  ].join('\n')
}

const fixed = (figure: number): string => figure.toFixed(3)

/** Text of people in a cell of a table. */
const quoted = (text: string): string => text.replace(/[\\`*_<>[\]|]/g, String.raw`\$&`).replace(/\s+/g, ' ')

const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
