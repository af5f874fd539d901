import * as z from 'zod'
import { id, ids, path, procedure, searchText, seed } from './procedure.ts'
import { jobStarted } from './jobs.ts'
import { split } from './corpus.ts'
import { external, modelImportProcedures } from './model-import.ts'

/** What can be trained here. */
export const captionerKind = z.enum(['interpretive', 'baseline', 'random-topics'])
export type CaptionerKind = z.infer<typeof captionerKind>
/** `external`: a model of another system, which nothing here can run. */
export const modelKind = z.enum([...captionerKind.options, 'external'])
export type ModelKind = z.infer<typeof modelKind>

/**
 * Where a model trains and captions. `auto`: the cpu. `tensorflow` is TensorFlow's native library (CUDA where
 * there is one); `tfjs-wasm` and `tfjs-cpu` are its slow, portable backends: an independent check of the
 * others' numbers.
 */
export const device = z.enum([
  'auto',
  'cpu',
  'webgpu',
  'cuda',
  'dml',
  'coreml',
  'tensorflow',
  'tfjs-wasm',
  'tfjs-cpu',
])
export type Device = z.infer<typeof device>

/** Of a layer: so large that nobody's machine trains it in a year, and small enough to be refused at once beyond. */
const size = z.number().int().min(4).max(8192)
/** Resamplings of a bootstrap. */
const samples = z.number().int().min(100).max(100_000)

/**
 * The captioner's settings (docs/method.md names the formula of each). Sizes are numbers of units, weights
 * are plain factors.
 */
export const captionerSettings = z.object({
  /**
   * Principal components of the frame features that the network reads; 0: all features, as in the paper.
   */
  projection: z.number().int().min(0).max(8192).default(128),
  /**
   * Features that are not projected have mean 0 and deviation 1 over the training frames; false: they are as
   * they come, as in the authors' code.
   */
  standardise: z.boolean().default(true),
  /**
   * The encoder reads beside a frame's features how they change around it (delta features); false: the paper.
   */
  deltas: z.boolean().default(true),
  /** Hidden units of the encoder a direction. */
  encoderSize: size.default(256),
  /** v_i keeps the frame feature beside the two LSTM states, as in the paper. */
  keepFeatures: z.boolean().default(true),
  /**
   * What LSTM neurons say: `signed`, the hidden states as they are (the paper); `non-negative`, max(0, h): a
   * neuron is there, or it is not.
   */
  neurons: z.enum(['signed', 'non-negative']).default('signed'),
  /**
   * What LSTM neurons are multiplied by in v_i: their states are far smaller than features, whose mean square is 1, and
   * a decoder is long hardly told what they say. 1: the paper.
   */
  neuronGain: z.number().min(0.01).max(100).default(1),
  hiddenSize: size.default(512),
  attentionSize: size.default(512),
  embeddingSize: size.default(468),
  /** Hidden units of the topic head f. */
  topicHiddenSize: size.default(512),
  /**
   * What f reads of the neurons: `joint`, every topic all of them (the paper); `tied`, every topic neurons of
   * its own, so that a neuron can stand for one topic alone; `tied-learnt`, the same of LSTM neurons, while kept
   * features belong to no topic. With more topics than hidden units of f, or such neurons, it is joint.
   */
  topicHead: z.enum(['joint', 'tied', 'tied-learnt']).default('joint'),
  /** Dropout of what the encoder reads; 0: the paper. */
  inputDropout: z.number().min(0).max(0.9).default(0.5),
  dropout: z.number().min(0).max(0.9).default(0.5),
  /** Dropout of the features that v_i keeps, which the decoder reads; 0: the paper. */
  featureDropout: z.number().min(0).max(0.9).default(0),
  /** Dropout of the words' embeddings that the decoder reads; 0: the paper. */
  embeddingDropout: z.number().min(0).max(0.9).default(0),
  /**
   * Dropout of the decoder's input, forget and output gates before their sigmoids, drawn for every word, as
   * the authors' code has it.
   */
  gateDropout: z.number().min(0).max(0.9).default(0),
  /** lambda of the interpretive loss. */
  lambda: z.number().min(0).max(1e6).default(0.1),
  topicLoss: z.enum(['squared', 'cross-entropy']).default('squared'),
  /**
   * Share of each target's probability that is spread evenly over the vocabulary (Szegedy et al., CVPR 2016,
   * section 7).
   */
  labelSmoothing: z.number().min(0).max(0.5).default(0),
  weightDecay: z.number().min(0).max(1e6).default(1e-4),
  /** Weight of the doubly stochastic attention penalty. */
  attentionPenalty: z.number().min(0).max(1e6).default(0.7),
  /**
   * `caption-mean`: the penalty is summed over a caption's frames and averaged over captions; `batch-sum`:
   * averaged over the frames and summed over a minibatch's captions, as in the authors' code.
   */
  attentionPenaltyForm: z.enum(['caption-mean', 'batch-sum']).default('caption-mean'),
  /**
   * `adadelta` (Zeiler, 2012; rho 0.95, epsilon 1e-6) is the paper's; its learning rate is a plain factor, 1
   * in the paper.
   */
  optimizer: z.enum(['adam', 'adadelta']).default('adam'),
  learningRate: z.number().gt(0).max(1e6).default(1e-3),
  /**
   * `cosine`: the rate falls to 0 over the run along half a cosine (Loshchilov and Hutter, ICLR 2017, without
   * restarts). `plateau`: it is multiplied by plateauFactor after plateauPatience checks in a row without
   * improvement.
   */
  schedule: z.enum(['constant', 'cosine', 'plateau']).default('cosine'),
  plateauFactor: z.number().gt(0).lt(1).default(0.5),
  plateauPatience: z.number().int().min(1).max(100_000).default(3),
  clipNorm: z.number().gt(0).max(1e9).default(10),
  /**
   * Captions in a minibatch, dealt so that an epoch costs least: of how many clips, and how many captions of
   * each, follows from the corpus. 0: batchClips and captionsPerClip say it.
   */
  batchCaptions: z.number().int().min(0).max(65_536).default(0),
  /** Clips in a minibatch, and captions of each. */
  batchClips: z.number().int().min(1).max(4096).default(8),
  captionsPerClip: z.number().int().min(1).max(1024).default(8),
  /**
   * At most this many caption lengths are compiled for: a batch's captions are about equally long, so short
   * ones don't pay for long ones.
   */
  lengthBuckets: z.number().int().min(1).max(6).default(4),
  epochs: z.number().int().min(1).max(100_000).default(30),
  /** Epochs between validation checks; a fraction checks within the epoch. */
  checkEvery: z.number().gt(0).max(100_000).default(1),
  /**
   * The validation figure that chooses the parameters that are kept, and that patience and plateaus watch.
   * `cost`: NLL + lambda L_I, as in the authors' code.
   */
  selectBy: z.enum(['cider', 'bleu4', 'nll', 'cost']).default('cider'),
  /** Validation checks without improvement before training stops. */
  patience: z.number().int().min(1).max(100_000).default(20),
  /**
   * The vocabulary: words that occur at least this often (0: as often as fits the corpus, see `leastCount`), and of
   * these the most frequent; 0: all of them.
   */
  minWordCount: z.number().int().min(0).max(1_000_000).default(1),
  maxVocabulary: z.number().int().min(0).max(1_000_000).default(0),
  maxWords: z.number().int().min(2).max(60).default(30),
  /** Captions of more words are not learnt from; 0: they are, cut at maxWords. */
  maxLearntWords: z.number().int().min(0).max(60).default(0),
  /**
   * How a beam ranks finished captions: log-probability / (words + 1)^lengthNormalisation. 0: the whole
   * caption's log-probability, as in the authors' code.
   */
  lengthNormalisation: z.number().min(0).max(2).default(1),
})
export type CaptionerSettings = z.infer<typeof captionerSettings>

/**
 * Some of the settings. Unlike `captionerSettings.partial()` it adds no default for a setting that is not
 * given.
 */
export const someSettings = z.object(
  Object.fromEntries(
    Object.entries(captionerSettings.shape).map(([name, setting]) => [name, setting.unwrap().optional()]),
  ) as {
    [Name in keyof typeof captionerSettings.shape]: z.ZodOptional<
      ReturnType<(typeof captionerSettings.shape)[Name]['unwrap']>
    >
  },
)

export const preset = z.enum(['default', 'paper', 'fast'])
export type Preset = z.infer<typeof preset>

/**
 * The settings of each preset: `paper`, the paper's form as its authors' code has it; `fast`, for a few hundred
 * clips.
 */
export const presets = z.record(preset, captionerSettings)
export type Presets = z.infer<typeof presets>

export const trainRequest = z.object({
  kind: captionerKind.default('interpretive'),
  device: device.default('auto'),
  seed: seed.default(1),
  /**
   * Models to train, with the seeds `seed`, `seed + 1`, ...: a series, whose mean and deviation are reported.
   */
  seeds: z.number().int().min(1).max(20).default(1),
  /** What the models of a series caption and are scored on: test only when all that was to be chosen is. */
  split: split.default('val'),
  preset: preset.default('default'),
  /**
   * The epochs are as many as fit into this time, whatever the settings say; null: as many as they say. Of a
   * series, for each model: the later ones take as many epochs as the first.
   */
  minutes: z.number().gt(0).max(100_000).nullable().default(null),
  /** What differs from the preset. */
  settings: someSettings.default({}),
})
export type TrainRequest = z.input<typeof trainRequest>

/** Trains f and the encoder for a while on the topics as they are now; the decoder stays. */
export const refineRequest = z.strictObject({
  modelId: id,
  epochs: z.number().int().min(1).max(100).default(3),
  device: device.default('auto'),
  seed: seed.default(1),
})

/** One point of the training curves. Losses are per caption (NLL: sum over its words, in nats). */
export const trainingPoint = z.object({
  step: z.number().int(),
  epoch: z.number(),
  /** Mean over the steps since the last point. */
  loss: z.number(),
  nll: z.number(),
  topicLoss: z.number(),
  /** At the point's step; null where a run did not record it. */
  learningRate: z.number().nullable(),
  validation: z
    .object({
      nll: z.number(),
      bleu4: z.number(),
      cider: z.number(),
      topicMap: z.number().nullable(),
      /** L_I over the validation clips; null for a baseline, and where a run did not record it. */
      topicLoss: z.number().nullable(),
    })
    .nullable(),
})
export type TrainingPoint = z.infer<typeof trainingPoint>

export const captionMetrics = z.object({
  BLEU_1: z.number(),
  BLEU_2: z.number(),
  BLEU_3: z.number(),
  BLEU_4: z.number(),
  ROUGE_L: z.number(),
  CIDEr: z.number(),
  /** Null: not scored. */
  METEOR: z.number().nullable(),
})
export type CaptionMetrics = z.infer<typeof captionMetrics>

/** 95% bootstrap intervals over the clips, by metric. */
export const metricIntervals = z.record(z.string(), z.object({ low: z.number(), high: z.number() }))

export const evaluation = z.object({
  split,
  captions: z.number().int(),
  metrics: captionMetrics,
  /** The best single caption, taken from the training captions, given to every clip. */
  fixedCaption: z.object({ caption: z.string(), metrics: captionMetrics }),
  topics: z.object({ mAP: z.number(), chance: z.number() }).nullable(),
  /** Null: none were computed. */
  intervals: metricIntervals.nullable(),
})
export type Evaluation = z.infer<typeof evaluation>

export const modelRow = z.object({
  id: z.number().int(),
  parent: z.number().int().nullable(),
  kind: modelKind,
  /**
   * `trained` is a finished run, `corrected` came from a parent by an accepted correction, `imported` is another
   * system's, or came from another project.
   */
  origin: z.enum(['trained', 'corrected', 'remapped', 'refined', 'imported']),
  /**
   * `stopped` and `failed` runs (cancelled or interrupted; diverged or without disk) keep their last
   * checkpoints: `resumable` says that training can go on from there, `keepable` that the best parameters so
   * far can be used.
   */
  state: z.enum(['training', 'ready', 'stopped', 'failed', 'proposed']),
  resumable: z.boolean(),
  keepable: z.boolean(),
  /** The first model of the series it was trained in; null: alone. */
  series: z.number().int().nullable(),
  /** The sweep that it was trained in; null: none. */
  sweep: z.number().int().nullable(),
  /** The job that trains it, or did so last. */
  jobId: z.number().int().nullable(),
  createdAt: z.string(),
  device: z.string().nullable(),
  steps: z.number().int().nullable(),
  captionsPerSecond: z.number().nullable(),
  seconds: z.number().nullable(),
  neurons: z.number().int().nullable(),
  seed: z.number().int(),
  current: z.boolean(),
  /**
   * Why its splits or its topics, and so its neuron map, are not the project's any more, in sentences; none:
   * they are. Splits come first.
   */
  stale: z.array(z.string()),
  /** How many of these are about splits: no remapping and no refining mends those. */
  staleSplits: z.number().int(),
  /** Test clips that it, or a version that it came from, learnt from: a test score flatters it. */
  tainted: z.number().int(),
  /**
   * Of its topics, how many were found in the captions of all clips: topic scores on validation and test
   * flatter it.
   */
  topicsFromAllClips: z.number().int(),
  /**
   * Its trained head can be carried over to the topics as they are now: names, merges, deletions and junk are
   * all that changed.
   */
  remappable: z.boolean(),
  evaluations: z.array(evaluation),
  note: z.string(),
  /** Of another system's model: what it is; null: it was trained here. */
  external: external.nullable(),
})
export type ModelRow = z.infer<typeof modelRow>

/** A model in the trash. */
export const trashedModel = modelRow
  .pick({
    id: true,
    parent: true,
    kind: true,
    origin: true,
    seed: true,
    series: true,
    createdAt: true,
    note: true,
    external: true,
  })
  .extend({
    trashedAt: z.string(),
    /** What its files take on the disk. */
    bytes: z.number().int(),
  })
export type TrashedModel = z.infer<typeof trashedModel>

export const modelDetail = modelRow.extend({
  settings: captionerSettings,
  /** The ids of the topics that it was trained on, in the order of its columns. */
  topics: z.array(z.number().int()),
  /** The step that training kept, and its validation figures; null for a version that was not trained. */
  best: z
    .object({
      step: z.number().int(),
      nll: z.number(),
      bleu4: z.number(),
      cider: z.number(),
    })
    .nullable(),
})
export type ModelDetail = z.infer<typeof modelDetail>

/**
 * Mean and (sample) deviation over the finished models of a series; of the best validation and of each
 * split's evaluation.
 */
export const seriesSummary = z.object({
  series: z.number().int(),
  models: z.array(z.object({ id: z.number().int(), seed: z.number().int(), state: modelRow.shape.state })),
  figures: z.array(
    z.object({
      split,
      metric: z.string(),
      mean: z.number(),
      deviation: z.number().nullable(),
      count: z.number().int(),
    }),
  ),
})
export type SeriesSummary = z.infer<typeof seriesSummary>

export const compareRequest = z.object({
  a: id,
  b: id,
  split: split.default('val'),
  samples: samples.default(10_000),
  seed: seed.default(1),
})

/** A paired comparison of two models on the clips that both captioned. */
export const comparison = z.object({
  a: id,
  b: id,
  split,
  clips: z.number().int(),
  metrics: z.array(
    z.object({
      metric: z.string(),
      a: z.number(),
      b: z.number(),
      /**
       * b - a, its 95% interval by paired bootstrap, and the two-sided p of a paired approximate
       * randomisation test.
       */
      difference: z.number(),
      low: z.number(),
      high: z.number(),
      p: z.number(),
    }),
  ),
})
export type Comparison = z.infer<typeof comparison>

/**
 * How captions become words: `words`, as the captioner reads them; `ptb`, as COCO's tools do; `whitespace`:
 * they are words already.
 */
export const captionTokenizer = z.enum(['words', 'ptb', 'whitespace'])

/** Caption files of any system against human ones: paths; docs/metrics.md lists the forms that are read. */
export const scoreFilesRequest = z.object({
  hypotheses: path,
  references: path,
  tokenizer: captionTokenizer.default('words'),
  bootstrap: z.object({ samples, seed }).nullable().default(null),
})

export const fileScores = z.object({
  metrics: captionMetrics,
  intervals: metricIntervals.nullable(),
  captions: z.array(z.object({ id: z.string(), metrics: captionMetrics })),
  /** What to know of the scores, a sentence each. */
  notices: z.array(z.string()),
})

/** Two systems' caption files against the same human ones. */
export const compareFilesRequest = z.object({
  a: path,
  b: path,
  references: path,
  tokenizer: captionTokenizer.default('words'),
  samples: samples.default(10_000),
  seed: seed.default(1),
})

export const fileComparison = z.object({
  captions: z.number().int(),
  metrics: comparison.shape.metrics,
  /** What to know of the scores, a sentence each. */
  notices: z.array(z.string()),
})

/** What runs are compared by, beside the rows of their models. */
export const modelRun = z.object({
  modelId: z.number().int(),
  settings: captionerSettings,
  /** How well one neuron tells a topic on validation clips; null: its neurons were not interpreted, or not by these. */
  alignment: z
    .object({
      precision: z.number(),
      low: z.number(),
      high: z.number(),
      chance: z.number(),
      topics: z.number().int(),
    })
    .nullable(),
})
export type ModelRun = z.infer<typeof modelRun>

/** One figure of a model on a split, under the name of its metric. */
export const modelFigure = z.object({ split, metric: z.string(), value: z.number() })
export type ModelFigure = z.infer<typeof modelFigure>

export const trainingProcedures = {
  ...modelImportProcedures,
  train: procedure.input(trainRequest).output(jobStarted),
  models: procedure.output(z.array(modelRow)),
  model: procedure.input(z.object({ modelId: id })).output(modelDetail),
  /** Settings and alignment of all models that were trained here, newest first. */
  runs: procedure.output(z.array(modelRun)),
  /** The settings of each preset, as a kind of captioner takes them. */
  presets: procedure.input(z.object({ kind: captionerKind.default('interpretive') })).output(presets),
  /** The training curve of a model so far. */
  curve: procedure.input(z.object({ modelId: id })).output(z.array(trainingPoint)),
  /** Its figures at the best validation and on the splits that it captioned. */
  figures: procedure.input(z.object({ modelId: id })).output(z.array(modelFigure)),
  /** A topic of the model by its label, or by its id as text. Throws NOT_FOUND. */
  findTopic: procedure.input(z.object({ modelId: id, topic: searchText })).output(z.object({ topicId: id })),
  setCurrent: procedure.input(z.object({ modelId: id })).output(z.void()),
  /**
   * Goes on with a stopped or failed run from its last checkpoint, as if it had never stopped. With `seeds`, the
   * models that its series lacks of so many are trained after it, and all of these scored on `split`.
   */
  resume: procedure
    .input(z.object({ modelId: id, ...trainRequest.pick({ seeds: true, split: true }).shape }))
    .output(jobStarted),
  /** Makes a stopped or failed run's best parameters so far a ready model. */
  keep: procedure.input(z.object({ modelId: id })).output(z.void()),
  /**
   * A new version whose head has the project's topics as they are now; nothing is trained. Throws CONFLICT
   * where more changed than it can carry.
   */
  remap: procedure.input(z.object({ modelId: id })).output(jobStarted),
  refine: procedure.input(refineRequest).output(jobStarted),
  series: procedure.input(z.object({ series: id })).output(seriesSummary),
  compare: procedure.input(compareRequest).output(comparison),
  /** Metrics of captions of any system, from files; needs no project. */
  scoreFiles: procedure.input(scoreFilesRequest).output(fileScores),
  compareFiles: procedure.input(compareFilesRequest).output(fileComparison),
  /** An edit. */
  note: procedure.input(z.object({ modelId: id, note: z.string().trim().max(2000) })).output(z.void()),
  /**
   * Puts a model in the trash, a proposed one with its corrections. An edit. Throws CONFLICT for the current
   * one, one that trains, and one with versions made from it.
   */
  remove: procedure.input(z.object({ modelId: id })).output(z.void()),
  /** The models in the trash, the latest first. */
  trash: procedure.output(z.array(trashedModel)),
  /** Takes a model out of the trash as it was. An edit. Throws CONFLICT for one whose files are gone. */
  restore: procedure.input(z.object({ modelId: id })).output(z.void()),
  /**
   * Deletes the files of models in the trash (null: of all); can't be undone. What was said of them stays.
   * Throws CONFLICT for one that is not in the trash.
   */
  emptyTrash: procedure
    .input(z.object({ modelIds: ids.nullable() }))
    .output(z.object({ models: z.number().int(), bytes: z.number().int() })),
}
