import { captionerSettings } from '#contract'
import type { CaptionerSettings } from '#contract'

export const PAPER: CaptionerSettings = captionerSettings.parse({})

/** Named starting points; every number stays open to change. */
export const PRESETS = [
  { value: 'small', label: 'Small', note: 'for a few hundred clips: trains in minutes', settings: {
    ...PAPER, encoderSize: 64, hiddenSize: 160, attentionSize: 64, embeddingSize: 64, topicHiddenSize: 128, dropout: 0.3,
    learningRate: 2e-3, batchClips: 16, captionsPerClip: 4, epochs: 30, patience: 8,
  } },
  { value: 'medium', label: 'Medium', note: 'for a thousand clips', settings: {
    ...PAPER, encoderSize: 128, hiddenSize: 256, attentionSize: 128, embeddingSize: 192, topicHiddenSize: 256,
  } },
  { value: 'paper', label: 'Paper', note: 'the sizes of the paper', settings: PAPER },
] as const satisfies readonly { value: string; label: string; note: string; settings: CaptionerSettings }[]

/** The preset that these settings are, or null when they were changed. */
export function presetOf(settings: CaptionerSettings): string | null {
  const text = (value: CaptionerSettings): string => JSON.stringify(captionerSettings.parse(value))
  return PRESETS.find((preset) => text(preset.settings) === text(settings))?.value ?? null
}
