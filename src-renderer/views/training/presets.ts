import { captionerSettings, SMALL_CAPTIONER } from '#contract'
import type { CaptionerSettings } from '#contract'

const STANDARD: CaptionerSettings = captionerSettings.parse({})

/** Named starting points; every number stays open to change. */
export const PRESETS = [
  { value: 'small', label: 'Small', note: 'for a few hundred clips: trains in a minute or two', settings: { ...STANDARD, ...SMALL_CAPTIONER } },
  { value: 'standard', label: 'Standard', note: 'for a thousand clips and more', settings: STANDARD },
  { value: 'paper', label: 'Paper', note: 'as the paper has it: the features as they are, no dropout of what is read', settings: {
    ...STANDARD, projection: 0, deltas: false, inputDropout: 0, schedule: 'constant',
  } },
] as const satisfies readonly { value: string; label: string; note: string; settings: CaptionerSettings }[]

/** Where a project starts: by the number of its clips. */
export const presetFor = (clips: number): CaptionerSettings => (clips < 600 ? PRESETS[0] : PRESETS[1]).settings

/** The preset that these settings are, or null when they were changed. */
export function presetOf(settings: CaptionerSettings): string | null {
  const text = (value: CaptionerSettings): string => JSON.stringify(captionerSettings.parse(value))
  const { success } = captionerSettings.safeParse(settings)
  return success ? (PRESETS.find((preset) => text(preset.settings) === text(settings))?.value ?? null) : null
}
