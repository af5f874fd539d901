/** Named settings of the captioner, and what each kind of captioner makes of them. */
import type * as z from 'zod'
import { captionerSettings } from '#contract'
import type { CaptionerSettings, ModelKind, Preset, someSettings } from '#contract'

/**
 * Every neuron there or not, and tied to one topic: what makes neurons selective (docs/evidence.md). Not
 * defaults of the schema: models of older versions are without.
 */
const SELECTIVE = { neurons: 'non-negative', topicHead: 'tied', lambda: 0.3 } as const

/**
 * Named settings, each relative to the schema's defaults. `paper`: the authors' published defaults. `fast`: a
 * small captioner for a few hundred clips, which the demo trains.
 */
export const PRESETS = {
  default: SELECTIVE,
  paper: {
    projection: 0,
    deltas: false,
    inputDropout: 0,
    keepFeatures: true,
    neurons: 'signed',
    encoderSize: 256,
    hiddenSize: 3518,
    attentionSize: 1536,
    embeddingSize: 468,
    topicHiddenSize: 1536,
    topicHead: 'joint',
    dropout: 0.5,
    lambda: 0.1,
    topicLoss: 'squared',
    weightDecay: 1e-4,
    attentionPenalty: 0.7,
    optimizer: 'adadelta',
    learningRate: 1,
    schedule: 'constant',
    clipNorm: 10,
    batchClips: 8,
    captionsPerClip: 8,
    epochs: 30,
    patience: 20,
    selectBy: 'bleu4',
  },
  fast: {
    ...SELECTIVE,
    projection: 128,
    encoderSize: 96,
    keepFeatures: false,
    hiddenSize: 192,
    attentionSize: 96,
    embeddingSize: 96,
    topicHiddenSize: 384,
    weightDecay: 3e-4,
    learningRate: 3e-3,
    batchClips: 8,
    captionsPerClip: 5,
    epochs: 20,
    patience: 20,
  },
} as const satisfies Record<string, Partial<CaptionerSettings>>
/** The settings of a preset with some changed. */
export const presetSettings = (
  preset: Preset,
  changes: z.output<typeof someSettings> = {},
): CaptionerSettings => captionerSettings.parse({ ...PRESETS[preset], ...changes })

/**
 * Settings as a kind of captioner takes them. A baseline is an ordinary one: it learns no topics, and its
 * neurons are signed unless `chosen`, the settings that somebody asked for, says otherwise.
 */
export const settingsOfKind = (
  kind: ModelKind,
  settings: CaptionerSettings,
  chosen: Partial<Pick<CaptionerSettings, 'neurons'>>,
): CaptionerSettings =>
  kind === 'baseline'
    ? { ...settings, lambda: 0, neurons: chosen.neurons ?? 'signed', topicHead: 'joint' }
    : settings
