/**
 * What the JSON columns of a project hold. These schemas are the store's own, apart from those of the
 * contract: a change of what the window asks or shows must not make what was stored unreadable. They only
 * grow: what older versions did not write has a default here, and bounds are those of the types, not of a
 * form. `satisfies` holds each against what the program works with today.
 */
import * as z from 'zod'
import type {
  ActionClip,
  ActionsResult,
  AnnotationReport,
  BlastRadius,
  CaptionerSettings,
  Decoding,
  Evaluation,
  ExportResult,
  External,
  Failure,
  FeatureImportReport,
  FeatureOrigin,
  GeneratedWord,
  ImportReport,
  JobResult,
  ModelImportReport,
  NeuronAlignment,
  NeuronJudgement,
  NeuronsOverTime,
  NeuronsRequest,
  SweepFigures,
  TopicRule,
  TopicsSettings,
  TopicState,
  TopicSweep,
  TrainingPoint,
} from '#contract'

const integer = z.number().int()
const split = z.enum(['train', 'val', 'test'])

// Corpus

/** How a set of features was made. */
export const storedFeatureOrigin = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('encoder'),
    encoder: z.string(),
    /** Of its network and of how frames are put into it: with another one it would see something else. */
    fingerprint: z.string(),
    frames: integer,
    grid: z.union([z.literal(1), z.literal(2)]),
    /** Rows and columns that each frame is cut into; every cell has features of its own. */
    cells: integer.default(1),
  }),
  /** Made elsewhere; `source`: the file or folder that it came from. */
  z.object({ kind: z.literal('imported'), source: z.string() }),
  /** Frame by frame the values of other sets, one after the other. */
  z.object({ kind: z.literal('concatenation'), keys: z.array(z.string()) }),
]) satisfies z.ZodType<FeatureOrigin>

export const storedClipMedia = z.object({
  kind: z.enum(['video', 'picture', 'frames']).default('video'),
  path: z.string().nullable(),
  contentHash: z.string().nullable(),
  start: z.number().nullable().default(null),
  end: z.number().nullable().default(null),
  duration: z.number().nullable(),
  fps: z.number().nullable(),
  frameCount: integer.nullable(),
  width: integer.nullable(),
  height: integer.nullable(),
  codec: z.string().nullable(),
  playable: z.boolean().nullable(),
  problem: z.string().nullable(),
})

export const storedImportReport = z.object({
  sentence: z.string(),
  added: integer,
  known: integer,
  moved: integer.default(0),
  changed: integer.default(0),
  captionsAdded: integer,
  captionsKept: integer,
  captionsEdited: integer.default(0),
  captionsRemoved: integer.default(0),
  linesUnmatched: integer.default(0),
  captionFormat: z.string().nullable().default(null),
  notices: z.array(z.string()).default([]),
  details: z.array(z.object({ title: z.string(), total: integer, lines: z.array(z.string()) })).default([]),
}) satisfies z.ZodType<ImportReport>
export type StoredImportReport = z.output<typeof storedImportReport>

/** What an import of features came to. */
const storedFeatureImportReport = z.object({
  sentence: z.string(),
  title: z.string(),
  isKnown: z.boolean(),
  added: integer,
  kept: integer,
  frames: z.object({ least: integer, most: integer }),
  dimension: integer,
  withTimes: integer,
  unmatched: integer,
  without: integer,
  notices: z.array(z.string()),
  details: z.array(z.object({ title: z.string(), total: integer, lines: z.array(z.string()) })),
}) satisfies z.ZodType<FeatureImportReport>

/** What a model of another system is called, and the files that it came from. */
export const storedExternal = z.object({
  name: z.string(),
  file: z.string(),
  activations: z.string().nullable().default(null),
}) satisfies z.ZodType<External>

/** What an import of such a model came to. */
const storedModelImportReport = z.object({
  sentence: z.string(),
  name: z.string(),
  captionFormat: z.string(),
  captions: integer,
  splits: z.object({ train: integer, val: integer, test: integer }),
  scored: integer,
  unmatched: integer,
  without: integer,
  activations: z.object({ clips: integer, neurons: integer }).nullable(),
  notices: z.array(z.string()),
  details: z.array(z.object({ title: z.string(), total: integer, lines: z.array(z.string()) })),
}) satisfies z.ZodType<ModelImportReport>

export const storedFindingState = z.enum(['open', 'accepted', 'fixed', 'dropped'])

// Topics

const storedTopicState = z.enum([
  'active',
  'hidden',
  'junk',
  'merged',
  'split',
  'deleted',
  'replaced',
]) satisfies z.ZodType<TopicState>

/** What edits set of a topic, as they log it and snapshots keep it. */
export const topicFields = z.object({
  label: z.string(),
  /** A person gave or accepted the label. */
  labelled: z.boolean(),
  description: z.string(),
  /** Degrees; null: the hue of its id. */
  hue: z.number().nullable(),
  state: storedTopicState,
  /** Goes with the state `merged` alone. */
  mergedInto: z.number().int().nullable(),
  npmi: z.number().nullable(),
  /** Its prior in a document, in tokens; null where no sampler gave one. */
  alpha: z.number().nullable(),
})
export type TopicFields = z.infer<typeof topicFields>

export const storedTopicRule = z.object({
  topicsPerClip: integer.default(3),
  minShare: z.number().default(0.05),
}) satisfies z.ZodType<TopicRule>

const storedGivenTopic = z.object({
  label: z.string().nullable().default(null),
  seeds: z.array(z.string()).default([]),
  words: z.array(z.object({ word: z.string(), count: z.number() })).default([]),
  fixed: z.boolean().default(false),
  pinned: z.array(z.string()).default([]),
  forbidden: z.array(z.string()).default([]),
})

const storedPrior = z.enum(['fixed', 'optimised']).default('fixed')

/** How topics were found: before there was a choice, in all clips. */
export const storedTopicsSettings = z.object({
  from: z.enum(['train', 'all']).default('all'),
  k: integer.default(100),
  iterations: integer.default(500),
  burnIn: integer.nullable().default(null),
  sampleEvery: integer.default(1),
  documentPrior: storedPrior,
  wordPrior: storedPrior,
  seed: integer.default(1),
  minDocumentFrequency: integer.default(3),
  maxDocumentShare: z.number().default(0.5),
  builtInStopWords: z.boolean().default(true),
  stopWords: z.array(z.string()).default([]),
  phraseScore: z.number().nullable().default(null),
  lemmas: z.boolean().default(false),
  ...storedTopicRule.shape,
  topics: z.array(storedGivenTopic).default([]),
}) satisfies z.ZodType<TopicsSettings>

export const storedTopicSweep = z.object({
  documents: integer,
  tokens: integer,
  heldOutDocuments: integer,
  points: z.array(
    z.object({
      k: integer,
      npmi: z.number().nullable(),
      cv: z.number().nullable(),
      heldOut: z.number().nullable(),
      seconds: z.number(),
    }),
  ),
}) satisfies z.ZodType<TopicSweep>

// Training

/** What a model was trained with; what a setting was before it existed is its default. */
export const storedCaptionerSettings = z.object({
  projection: integer.default(128),
  standardise: z.boolean().default(true),
  deltas: z.boolean().default(true),
  encoderSize: integer.default(256),
  keepFeatures: z.boolean().default(true),
  neurons: z.enum(['signed', 'non-negative']).default('signed'),
  hiddenSize: integer.default(512),
  attentionSize: integer.default(512),
  embeddingSize: integer.default(468),
  topicHiddenSize: integer.default(512),
  topicHead: z.enum(['joint', 'tied', 'tied-learnt']).default('joint'),
  neuronGain: z.number().default(1),
  inputDropout: z.number().default(0.5),
  dropout: z.number().default(0.5),
  featureDropout: z.number().default(0),
  embeddingDropout: z.number().default(0),
  gateDropout: z.number().default(0),
  lambda: z.number().default(0.1),
  topicLoss: z.enum(['squared', 'cross-entropy']).default('squared'),
  labelSmoothing: z.number().default(0),
  weightDecay: z.number().default(1e-4),
  attentionPenalty: z.number().default(0.7),
  attentionPenaltyForm: z.enum(['caption-mean', 'batch-sum']).default('caption-mean'),
  optimizer: z.enum(['adam', 'adadelta']).default('adam'),
  learningRate: z.number().default(1e-3),
  schedule: z.enum(['constant', 'cosine', 'plateau']).default('cosine'),
  plateauFactor: z.number().default(0.5),
  plateauPatience: integer.default(3),
  clipNorm: z.number().default(10),
  batchCaptions: integer.default(0),
  batchClips: integer.default(8),
  captionsPerClip: integer.default(8),
  lengthBuckets: integer.default(4),
  epochs: integer.default(30),
  checkEvery: z.number().default(1),
  selectBy: z.enum(['cider', 'bleu4', 'nll', 'cost']).default('cider'),
  patience: integer.default(20),
  minWordCount: integer.default(1),
  maxVocabulary: integer.default(0),
  maxWords: integer.default(30),
  maxLearntWords: integer.default(0),
  lengthNormalisation: z.number().default(1),
}) satisfies z.ZodType<CaptionerSettings>

export const storedModelState = z.enum(['training', 'ready', 'proposed', 'stopped', 'failed'])

export const storedPoint = z.object({
  step: integer,
  epoch: z.number(),
  loss: z.number(),
  nll: z.number(),
  topicLoss: z.number(),
  learningRate: z.number().nullable().default(null),
  validation: z
    .object({
      nll: z.number(),
      bleu4: z.number(),
      cider: z.number(),
      topicMap: z.number().nullable(),
      topicLoss: z.number().nullable().default(null),
    })
    .nullable(),
}) satisfies z.ZodType<TrainingPoint>

const storedMetrics = z.object({
  BLEU_1: z.number(),
  BLEU_2: z.number(),
  BLEU_3: z.number(),
  BLEU_4: z.number(),
  ROUGE_L: z.number(),
  CIDEr: z.number(),
  METEOR: z.number().nullable().default(null),
})

export const storedEvaluation = z.object({
  split,
  captions: integer,
  metrics: storedMetrics,
  fixedCaption: z.object({ caption: z.string(), metrics: storedMetrics }),
  topics: z.object({ mAP: z.number(), chance: z.number() }).nullable(),
  intervals: z
    .record(z.string(), z.object({ low: z.number(), high: z.number() }))
    .nullable()
    .default(null),
}) satisfies z.ZodType<Evaluation>

// Review

export const storedDecoding = z.object({
  method: z.enum(['beam', 'greedy', 'sample']).default('beam'),
  beam: integer.default(5),
  lengthNormalisation: z.number().nullable().default(1),
  nBest: integer.default(1),
  temperature: z.number().default(1),
  seed: integer.default(1),
}) satisfies z.ZodType<Decoding>

export const storedWords = z.array(
  z.object({ word: z.string(), logProbability: z.number(), attention: z.array(z.number()) }),
) satisfies z.ZodType<GeneratedWord[]>

export const storedAlternatives = z.array(z.object({ caption: z.string(), logProbability: z.number() }))

export const storedVerdict = z.enum(['right', 'nearly', 'wrong', 'skip'])

/** Filters of a list that people keep by a name: what they may be is the list's, and grows. */
export const storedView = z.object({
  list: z.enum(['corpus', 'review']),
  name: z.string(),
  filter: z.record(z.string(), z.json()),
})
export type StoredView = z.infer<typeof storedView>

// Neurons

export const storedNeuronsRequest = z.object({
  modelId: integer.nullable().default(null),
  reference: z.enum(['zero', 'mean']).default('zero'),
  videoSet: z.enum(['bearing', 'all']).default('bearing'),
  shuffles: integer.default(5),
  seed: integer.default(1),
  heldOut: z.enum(['val', 'test']).default('val'),
  truth: z.string().nullable().default(null),
}) satisfies z.ZodType<Required<NeuronsRequest>>

const storedOneNeuron = z.object({
  precision: z.number(),
  low: z.number(),
  high: z.number(),
  chance: z.number(),
  topics: integer,
})

/** Held-out alignment of a neuron map beside the figures of its neurons; topics by id. */
export const storedAlignment = z.object({
  split: z.enum(['val', 'test']),
  clips: integer,
  tests: integer,
  draws: integer,
  topics: z.array(
    z.object({
      topicId: integer,
      bearing: integer,
      probes: z.array(z.object({ neurons: z.array(integer), precision: z.number(), auc: z.number() })),
    }),
  ),
  oneNeuron: storedOneNeuron.nullable().default(null),
}) satisfies z.ZodType<NeuronAlignment>

/** Digests of what a model is trained on, by part. */
export const storedTrainingDigests = z.object({
  clips: z.string(),
  features: z.string(),
  captions: z.string(),
  topics: z.string(),
})

const storedBounded = z.object({ value: z.number(), low: z.number(), high: z.number() })

/** What a run of a sweep was found to be on validation. */
export const storedSweepFigures = z.object({
  clips: integer,
  CIDEr: storedBounded,
  BLEU_4: storedBounded,
  alignment: storedOneNeuron.nullable(),
}) satisfies z.ZodType<SweepFigures>

const storedOverlap = z.object({
  concept: z.string(),
  neuron: integer,
  iou: z.number(),
  always: z.number(),
})

export const storedOverTime = z.object({
  frames: integer,
  neurons: z.array(storedOverlap),
  concepts: z.array(storedOverlap),
}) satisfies z.ZodType<NeuronsOverTime>

export const storedNeuronJudgement = z.object({
  verdict: z.enum(['agree', 'disagree']).nullable(),
  label: z.string(),
  note: z.string(),
}) satisfies z.ZodType<NeuronJudgement>

// Corrections

/** `withdrawn` ones were taken out of the queue; `discarded` ones are of older versions, which kept them. */
export const storedCorrectionState = z.enum([
  'queued',
  'withdrawn',
  'proposed',
  'accepted',
  'discarded',
  'undone',
])

export const storedClipIds = z.array(integer)
export const storedMovedTopics = z.array(z.object({ topicId: integer, strength: z.number() }))
export const storedMovedNeurons = z.array(z.object({ neuron: integer, value: z.number() }))

const storedComparison = z.array(
  z.object({
    metric: z.string(),
    a: z.number(),
    b: z.number(),
    difference: z.number(),
    low: z.number(),
    high: z.number(),
    p: z.number(),
  }),
)

/** Without what captions gained: that follows from the rest. */
export const storedRadius = z.object({
  split: split.nullable(),
  clips: integer,
  metrics: storedComparison,
  changed: z.array(
    z.object({
      clipId: integer,
      clip: z.string(),
      before: z.string(),
      after: z.string(),
      ciderBefore: z.number().nullable(),
      ciderAfter: z.number().nullable(),
    }),
  ),
  topics: z.array(
    z.object({
      topicId: integer,
      label: z.string(),
      came: integer,
      went: integer,
      averagePrecisionBefore: z.number().nullable(),
      averagePrecisionAfter: z.number().nullable(),
    }),
  ),
  similar: z
    .object({
      clips: z.array(
        z.object({
          clipId: integer,
          clip: z.string(),
          before: z.string(),
          after: z.string(),
          mended: z.boolean(),
        }),
      ),
    })
    .nullable(),
  /** Nobody looked in older versions. */
  shown: z
    .array(
      z.object({
        clipId: integer,
        clip: z.string(),
        before: z.string(),
        shown: z.string(),
        after: z.string(),
        isMended: z.boolean(),
      }),
    )
    .default([]),
  /** Older versions changed the network's weights. */
  shifted: z
    .array(
      z.object({
        clipId: integer,
        topics: z.array(
          z.object({ topicId: integer, label: z.string(), before: z.number(), after: z.number() }),
        ),
      }),
    )
    .default([]),
}) satisfies z.ZodType<Omit<BlastRadius, 'changed'>>
export type StoredRadius = z.infer<typeof storedRadius>

// Actions, exports, jobs

const storedEstimate = z.object({
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
})

const storedWeight = z.object({
  feature: integer,
  topicId: integer.nullable(),
  weight: z.number(),
})

const storedActionsNow = z.object({
  source: z.string(),
  clips: integer,
  groups: integer,
  classes: z.array(z.string()),
  division: z.enum(['folds', 'groups', 'given']),
  folds: integer,
  repeats: integer,
  pairs: z.array(z.tuple([z.string(), z.string()])),
  sources: z.array(
    z.object({
      of: z.enum(['neurons', 'topics', 'untrained', 'frames']),
      modelId: integer.nullable(),
      kind: z.enum(['interpretive', 'baseline', 'random-topics', 'external']).nullable(),
      size: integer,
      accuracy: storedEstimate,
      macroF1: storedEstimate,
      logLoss: z.number().nullable(),
      perClass: z.array(
        z.object({ clips: integer, precision: z.number(), recall: z.number(), f1: z.number() }),
      ),
      confusion: z.array(z.array(integer)),
      reliability: z.array(z.object({ confidence: z.number(), accuracy: z.number(), answers: integer })),
      calibrationError: z.number().nullable(),
      pairs: z.array(storedEstimate),
      strengths: z.array(z.number()),
      leaning: z
        .array(
          z.object({
            toward: z.array(storedWeight),
            against: z.array(storedWeight),
            topics: z.array(z.object({ topicId: integer, weight: z.number(), recallWithout: z.number() })),
            clips: z.array(z.object({ clip: integer, weight: z.number() })),
          }),
        )
        .nullable()
        .default(null),
    }),
  ),
  comparisons: z.array(
    z.object({
      a: integer,
      b: integer,
      difference: z.number(),
      low: z.number(),
      high: z.number(),
      p: z.number(),
    }),
  ),
  createdAt: z.string(),
})

/** As results were before groups, other divisions and intervals were known: all that there is follows from the counts. */
const storedActionsOnce = z
  .object({
    clips: integer,
    classes: z.array(z.string()),
    folds: integer,
    confusion: z.object({
      interpretive: z.array(z.array(integer)).nullable(),
      baseline: z.array(z.array(integer)).nullable(),
      cnn: z.array(z.array(integer)).nullable(),
    }),
    createdAt: z.string(),
  })
  .transform(({ confusion, ...result }): z.output<typeof storedActionsNow> => ({
    ...result,
    source: '',
    groups: result.clips,
    division: 'folds',
    repeats: 1,
    pairs: [],
    comparisons: [],
    sources: (['interpretive', 'baseline', 'cnn'] as const).flatMap((name) => {
      const counts = confusion[name]
      const kind = name === 'cnn' ? null : name
      const of = name === 'cnn' ? ('frames' as const) : ('neurons' as const)
      return counts === null ? [] : [{ of, modelId: null, kind, size: 0, ...figuresOfCounts(counts) }]
    }),
  }))

/** What counts of answers say, true class by predicted class. */
function figuresOfCounts(confusion: number[][]) {
  const total = (row: readonly number[]): number => row.reduce((sum, n) => sum + n, 0)
  const perClass = confusion.map((row, k) => {
    const [right, clips, predictions] = [row[k]!, total(row), total(confusion.map((other) => other[k]!))]
    return {
      clips,
      precision: right / Math.max(1, predictions),
      recall: right / Math.max(1, clips),
      f1: (2 * right) / Math.max(1, clips + predictions),
    }
  })
  const estimate = (value: number) => ({ value, low: null, high: null })
  const right = total(confusion.map((row, k) => row[k]!))
  return {
    accuracy: estimate(right / Math.max(1, total(confusion.map(total)))),
    macroF1: estimate(total(perClass.map(({ f1 }) => f1)) / Math.max(1, perClass.length)),
    logLoss: null,
    perClass,
    confusion,
    reliability: [],
    calibrationError: null,
    pairs: [],
    strengths: [],
    leaning: null,
  }
}

export const storedActionsResult = z.union([storedActionsNow, storedActionsOnce]) satisfies z.ZodType<
  Omit<ActionsResult, 'id'>
>

export const storedActionClips = z.array(
  z.object({
    name: z.string(),
    class: integer,
    group: z.string(),
    clipId: integer.nullable(),
    /** What it shows, and the class that its corpus says; null: not known of older comparisons. */
    content: z.string().nullable().default(null),
    corpusClass: z.string().nullable().default(null),
    answers: z.array(
      z
        .object({
          predicted: integer,
          confidence: z.number(),
          ofTruth: z.number(),
          because: z.array(z.object({ feature: integer, weight: z.number() })).default([]),
        })
        .nullable(),
    ),
  }),
) satisfies z.ZodType<Omit<ActionClip, 'relabelled'>[]>
export type StoredActionClip = z.output<typeof storedActionClips>[number]

export const storedExport = z.object({
  to: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
}) satisfies z.ZodType<ExportResult>

export const storedFailure = z.object({
  code: z.enum([
    'BAD_INPUT',
    'NOT_FOUND',
    'NO_PROJECT',
    'NEWER_PROJECT',
    'NOT_READY',
    'CONFLICT',
    'DISK_FULL',
    'ENGINE_DIED',
    'DIVERGED',
    'TOOL_MISSING',
    'BUG',
  ]),
  key: z.string().default(''),
  values: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  message: z.string(),
  remedy: z.string().nullable(),
}) satisfies z.ZodType<Failure>

const storedAnnotationKind = z.enum(['verdict', 'note', 'tag', 'caption', 'topic', 'correction', 'neuron'])
const storedAnnotationReport = z.object({
  lines: integer,
  added: z.object({
    verdict: integer,
    note: integer,
    tag: integer,
    caption: integer,
    topic: integer,
    correction: integer.default(0),
    neuron: integer.default(0),
  }),
  known: integer,
  conflicts: z.array(
    z.object({
      kind: storedAnnotationKind,
      line: integer,
      clipId: integer.nullable(),
      video: z.string(),
      here: z.string(),
      whoHere: z.string(),
      there: z.string(),
      who: z.string(),
      outcome: z.enum(['beside', 'kept', 'replaced']),
    }),
  ),
  conflictCount: integer,
  agreement: z.array(
    z.object({
      between: z.tuple([z.string(), z.string()]),
      captions: integer,
      observed: z.number(),
      kappa: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable(),
    }),
  ),
  topics: z
    .array(
      z.object({
        topicId: integer,
        here: z.string(),
        there: z.string(),
        outcome: z.enum(['kept', 'replaced']),
      }),
    )
    .default([]),
  unplaced: z.array(z.object({ line: integer, reason: z.string() })),
  unplacedCount: integer,
}) satisfies z.ZodType<AnnotationReport>

export const storedJobResult = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sample'),
    directory: z.string(),
    clips: integer,
    captions: integer,
    actionClips: integer,
  }),
  z.object({
    kind: z.literal('import'),
    added: integer,
    updated: integer,
    captions: integer,
    report: storedImportReport.nullable().default(null),
  }),
  z.object({ kind: z.literal('preview'), report: storedImportReport }),
  z.object({ kind: z.literal('features'), clips: integer, computed: integer }),
  z.object({ kind: z.literal('featureImport'), report: storedFeatureImportReport }),
  z.object({ kind: z.literal('featurePreview'), report: storedFeatureImportReport }),
  z.object({ kind: z.literal('annotations'), report: storedAnnotationReport }),
  z.object({ kind: z.literal('annotationPreview'), report: storedAnnotationReport }),
  z.object({ kind: z.literal('encoder'), encoder: z.string() }),
  z.object({ kind: z.literal('topics'), topics: integer }),
  z.object({ kind: z.literal('checks'), findings: integer }),
  z.object({ kind: z.literal('train'), modelIds: z.array(integer) }),
  z.object({ kind: z.literal('modelImport'), modelId: integer, report: storedModelImportReport }),
  z.object({ kind: z.literal('modelPreview'), report: storedModelImportReport }),
  z.object({ kind: z.literal('caption'), modelId: integer, captions: integer }),
  z.object({ kind: z.literal('neurons'), modelId: integer }),
  z.object({ kind: z.literal('correct'), modelId: integer }),
  z.object({ kind: z.literal('actions'), clips: integer }),
  z.object({ kind: z.literal('export'), to: z.string(), files: integer }),
  z.object({
    kind: z.literal('check'),
    findings: z.array(
      z.object({
        part: z.enum([
          'database',
          'references',
          'search',
          'features',
          'models',
          'videos',
          'strays',
          'leftovers',
          'pictures',
          'backups',
        ]),
        key: z.string().default(''),
        values: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
        message: z.string(),
        mended: z.boolean(),
        remedy: z.string().nullable(),
      }),
    ),
  }),
  z.object({ kind: z.literal('archive'), to: z.string(), files: integer, bytes: z.number() }),
  z.object({
    kind: z.literal('unarchive'),
    taken: z.object({
      project: z.string(),
      media: z.object({ inside: integer, found: integer, missing: integer }),
    }),
  }),
  z.object({ kind: z.literal('steps'), steps: integer }),
  z.object({ kind: z.literal('sweep'), sweepId: integer }),
]) satisfies z.ZodType<JobResult>
