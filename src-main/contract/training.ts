import * as z from 'zod'
import { split } from './corpus.ts'

export const modelKind = z.enum(['interpretive', 'baseline', 'random-topics'])
export type ModelKind = z.infer<typeof modelKind>

export const device = z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'])
export type Device = z.infer<typeof device>

/** The captioner's settings (docs/method.md names the formula of each). Sizes are numbers of units, weights are plain factors. */
export const captionerSettings = z.object({
  /** Principal components of the frame features that the network reads; 0: the features as they are, as in the paper. */
  projection: z.number().int().min(0).default(128),
  /** The encoder reads beside a frame's features how they change around it (delta features); false: the paper. */
  deltas: z.boolean().default(true),
  /** Hidden units of the encoder a direction. */
  encoderSize: z.number().int().min(4).default(256),
  /** v_i keeps the frame feature beside the two LSTM states, as in the paper. */
  keepFeatures: z.boolean().default(true),
  hiddenSize: z.number().int().min(4).default(512),
  attentionSize: z.number().int().min(4).default(512),
  embeddingSize: z.number().int().min(4).default(468),
  /** Hidden units of the topic head f. */
  topicHiddenSize: z.number().int().min(4).default(512),
  /** Dropout of what the encoder reads; 0: the paper. */
  inputDropout: z.number().min(0).max(0.9).default(0.5),
  dropout: z.number().min(0).max(0.9).default(0.5),
  /** lambda of the interpretive loss; 0 for `baseline`. */
  lambda: z.number().min(0).default(0.1),
  topicLoss: z.enum(['squared', 'cross-entropy']).default('squared'),
  weightDecay: z.number().min(0).default(1e-4),
  /** Weight of the doubly stochastic attention penalty. */
  attentionPenalty: z.number().min(0).default(0.7),
  learningRate: z.number().gt(0).default(1e-3),
  /** `cosine`: the rate falls to 0 over the run along half a cosine (Loshchilov and Hutter, ICLR 2017, without restarts). */
  schedule: z.enum(['constant', 'cosine']).default('cosine'),
  clipNorm: z.number().gt(0).default(10),
  /** Clips in a minibatch, and captions of each. */
  batchClips: z.number().int().min(1).default(8),
  captionsPerClip: z.number().int().min(1).default(8),
  epochs: z.number().int().min(1).default(30),
  /** Validation checks without improvement before training stops. */
  patience: z.number().int().min(1).default(20),
  minWordCount: z.number().int().min(1).default(1),
  maxWords: z.number().int().min(2).max(60).default(30),
})
export type CaptionerSettings = z.infer<typeof captionerSettings>

/** A small captioner, for a few hundred clips: what the demo trains. */
export const SMALL_CAPTIONER = {
  projection: 128, encoderSize: 96, keepFeatures: false, hiddenSize: 192, attentionSize: 96, embeddingSize: 96, topicHiddenSize: 128,
  weightDecay: 3e-4, learningRate: 3e-3, batchClips: 8, captionsPerClip: 5, epochs: 20, patience: 20,
} as const satisfies Partial<CaptionerSettings>

export const trainRequest = z.object({
  kind: modelKind.default('interpretive'),
  device: device.default('auto'),
  seed: z.number().int().default(1),
  settings: captionerSettings.partial().default({}),
})
export type TrainRequest = z.input<typeof trainRequest>

/** One point of the training curves. Losses are per caption (NLL: sum over its words, in nats). */
export const trainingPoint = z.object({
  step: z.number().int(),
  epoch: z.number(),
  /** Mean over the steps since the last point. */
  loss: z.number(),
  nll: z.number(),
  topicLoss: z.number(),
  validation: z.object({ nll: z.number(), bleu4: z.number(), cider: z.number(), topicMap: z.number().nullable() }).nullable(),
})
export type TrainingPoint = z.infer<typeof trainingPoint>

export const captionMetrics = z.object({
  BLEU_1: z.number(), BLEU_2: z.number(), BLEU_3: z.number(), BLEU_4: z.number(), ROUGE_L: z.number(), CIDEr: z.number(),
})
export type CaptionMetrics = z.infer<typeof captionMetrics>

export const evaluation = z.object({
  split,
  captions: z.number().int(),
  metrics: captionMetrics,
  /** The best single caption, taken from the training captions, given to every clip. */
  fixedCaption: z.object({ caption: z.string(), metrics: captionMetrics }),
  topics: z.object({ mAP: z.number(), chance: z.number() }).nullable(),
})
export type Evaluation = z.infer<typeof evaluation>

export const modelRow = z.object({
  id: z.number().int(),
  parent: z.number().int().nullable(),
  kind: modelKind,
  /** `trained` is a finished run, `corrected` came from a parent by an accepted correction. */
  origin: z.enum(['trained', 'corrected']),
  state: z.enum(['training', 'ready', 'failed', 'proposed']),
  createdAt: z.string(),
  device: z.string().nullable(),
  steps: z.number().int().nullable(),
  captionsPerSecond: z.number().nullable(),
  seconds: z.number().nullable(),
  neurons: z.number().int().nullable(),
  seed: z.number().int(),
  current: z.boolean(),
  evaluations: z.array(evaluation),
  note: z.string(),
})
export type ModelRow = z.infer<typeof modelRow>

export const modelDetail = modelRow.extend({ settings: captionerSettings, points: z.array(trainingPoint) })
export type ModelDetail = z.infer<typeof modelDetail>
