/**
 * What a model's `preprocessor_config.json` says is done to a picture before the network sees it. Follows the image
 * processors of the Python library transformers: all do the same in the same order (resize, cut out the middle,
 * rescale, normalise), and each class has defaults for what its file leaves out.
 */
import * as z from 'zod'
import type { FrameFilter } from '#contract'
import { failures } from './failures.ts'
import { parseAs } from './json.ts'

export interface Size {
  width: number
  height: number
}
type PerChannel = [number, number, number]

/** Filters by Pillow's numbers. */
const FILTERS: Readonly<Record<number, FrameFilter>> = { 1: 'lanczos', 2: 'bilinear', 3: 'bicubic' }

/** How a frame is prepared. */
export interface FramePreparation {
  /** Whether a frame keeps its shape: `crop` makes its shorter side fill `resized`, `squash` both. */
  fit: 'crop' | 'squash'
  resized: Size
  filter: FrameFilter
  /** What is cut out of the middle of that, as many pixels from each side: the network's input. */
  size: Size
  /** The network sees (byte - mean) / deviation, of red, green and blue. */
  mean: PerChannel
  deviation: PerChannel
}

const pixels = z.number().int().positive().max(4096)
const perChannel = z.tuple([z.number(), z.number(), z.number()])
const positivePerChannel = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()])
const exactSize = z.object({ height: pixels, width: pixels })
const shorterSide = z.object({ shortest_edge: pixels })
/** One number is the shorter side or both, as the class has it. */
const sizeSetting = z.union([pixels, exactSize, shorterSide])
type SizeSetting = z.infer<typeof sizeSetting>

const settings = z.object({
  image_processor_type: z.string().optional(),
  video_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: z.boolean().nullish(),
  size: sizeSetting.nullish(),
  resample: z.number().int().nullish(),
  /** ConvNext's: how much of the resized picture the middle is. */
  crop_pct: z.number().positive().max(1).nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: z.union([pixels, exactSize]).nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().positive().nullish(),
  /** Vivit's: 1 is taken away after rescaling. */
  offset: z.boolean().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: perChannel.nullish(),
  image_std: positivePerChannel.nullish(),
})
type Settings = z.infer<typeof settings>

/** Newer models keep the settings in a file of several processors. */
const severalProcessors = z.object({ image_processor: z.unknown() })

interface Defaults {
  size: SizeSetting
  /** What `size` is where it is one number. */
  oneNumber: 'shorter side' | 'both sides'
  crop: number | null
  resample: number
  /** Of values from 0 to 1. */
  mean: PerChannel
  deviation: PerChannel
  rescale: number
  offset: boolean
}

const [BILINEAR, BICUBIC] = [2, 3] as const
const HALF = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] } satisfies Partial<Defaults>
const IMAGENET = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
} satisfies Partial<Defaults>
const CLIP = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
} satisfies Partial<Defaults>

/** Both sides become `side`. */
const squashed = (side: number, more: Pick<Defaults, 'resample' | 'mean' | 'deviation'>): Defaults => ({
  size: { height: side, width: side },
  oneNumber: 'both sides',
  crop: null,
  rescale: 1 / 255,
  offset: false,
  ...more,
})
/** The shorter side becomes `side`. */
const inShape = (
  side: number,
  more: Pick<Defaults, 'crop' | 'resample' | 'mean' | 'deviation'>,
): Defaults => ({
  size: { shortest_edge: side },
  oneNumber: 'shorter side',
  rescale: 1 / 255,
  offset: false,
  ...more,
})

/** Defaults by class, without the ending of its name: `CLIPImageProcessor`, `CLIPFeatureExtractor` and others. */
const PROCESSORS: Readonly<Record<string, Defaults>> = {
  CLIP: inShape(224, { crop: 224, resample: BICUBIC, ...CLIP }),
  Siglip: squashed(224, { resample: BICUBIC, ...HALF }),
  // DINOv2's.
  Bit: inShape(224, { crop: 224, resample: BICUBIC, ...CLIP }),
  DINOv3ViT: squashed(224, { resample: BILINEAR, ...IMAGENET }),
  ViT: squashed(224, { resample: BILINEAR, ...HALF }),
  DeiT: { ...squashed(256, { resample: BICUBIC, ...HALF }), crop: 224 },
  Beit: { ...squashed(256, { resample: BICUBIC, ...HALF }), crop: 224 },
  ConvNext: inShape(384, { crop: null, resample: BILINEAR, ...HALF }),
  MobileNetV2: inShape(256, { crop: 224, resample: BILINEAR, ...HALF }),
  VideoMAE: inShape(224, { crop: 224, resample: BILINEAR, ...HALF }),
  Vivit: {
    ...inShape(256, { crop: 224, resample: BILINEAR, ...HALF }),
    rescale: 1 / 127.5,
    offset: true,
  },
}
/** From this size on ConvNext's pictures are squashed. */
const SQUASHED_FROM = 384
const NAME_ENDING = /(ImageProcessor|VideoProcessor|FeatureExtractor)(Fast|Pil)?$/

/**
 * What the JSON of a preprocessor's file, parsed, says of frames; `path` names it in failures. Throws BAD_INPUT for
 * a class that isn't known here, and for settings that make no frames of one size.
 */
export function readPreparation(json: unknown, path: string): FramePreparation {
  const several = severalProcessors.safeParse(json)
  const file = parseAs(settings, several.success ? several.data.image_processor : json, path)
  const type = file.image_processor_type ?? file.video_processor_type ?? file.feature_extractor_type ?? '?'
  const defaults = PROCESSORS[type.replace(NAME_ENDING, '')]
  if (defaults === undefined) {
    throw failures.unknownProcessor({ path, type })
  }
  const sizes = type.startsWith('ConvNext') ? convNextSizes(file, defaults) : sizesOf(file, defaults, path)
  return { ...sizes, filter: filterOf(file, defaults, path), ...normalisationOf(file, defaults) }
}

type Sizes = Pick<FramePreparation, 'fit' | 'resized' | 'size'>

function sizesOf(file: Settings, defaults: Defaults, path: string): Sizes {
  const setting = file.size ?? defaults.size
  const edge = shorterSideOf(setting, defaults)
  const crop = cropOf(file, defaults)
  if (file.do_resize === false || (edge !== null && crop === null)) {
    throw failures.noOneSize({ path })
  }
  const resized = edge === null ? bothSidesOf(setting) : square(edge)
  const size = crop ?? resized
  const margin = resized.width - size.width
  if (margin < 0 || margin !== resized.height - size.height) {
    throw failures.oddCrop({ path, size: sizeText(size), resized: sizeText(resized) })
  }
  return { fit: edge === null ? 'squash' : 'crop', resized, size }
}

/** ConvNext's: large pictures are squashed, of smaller ones the middle is taken. */
function convNextSizes({ size, crop_pct }: Settings, defaults: Defaults): Sizes {
  const side = shorterSideOf(size ?? defaults.size, defaults) ?? SQUASHED_FROM
  if (side >= SQUASHED_FROM) {
    return { fit: 'squash', resized: square(side), size: square(side) }
  }
  const edge = Math.trunc(side / (crop_pct ?? 224 / 256))
  return { fit: 'crop', resized: square(edge), size: square(side) }
}

/** The side that the shorter one becomes; null where both are given. */
function shorterSideOf(setting: SizeSetting, { oneNumber }: Defaults): number | null {
  if (typeof setting === 'number') {
    return oneNumber === 'shorter side' ? setting : null
  }
  return 'shortest_edge' in setting ? setting.shortest_edge : null
}

function bothSidesOf(setting: SizeSetting): Size {
  if (typeof setting === 'number') {
    return square(setting)
  }
  return 'shortest_edge' in setting ? square(setting.shortest_edge) : setting
}

function cropOf({ do_center_crop, crop_size }: Settings, { crop }: Defaults): Size | null {
  const setting = crop_size ?? crop
  return (do_center_crop ?? crop !== null) && setting !== null ? bothSidesOf(setting) : null
}

const square = (side: number): Size => ({ width: side, height: side })
const sizeText = ({ width, height }: Size): string => `${width}x${height}`

function filterOf({ resample }: Settings, defaults: Defaults, path: string): FrameFilter {
  const number = resample ?? defaults.resample
  const filter = FILTERS[number]
  if (filter === undefined) {
    throw failures.unknownFilter({ path, filter: number })
  }
  return filter
}

/** Rescaling and normalising are one step: (byte x factor - offset - mean) / deviation. */
function normalisationOf(file: Settings, defaults: Defaults): Pick<FramePreparation, 'mean' | 'deviation'> {
  const factor = file.do_rescale === false ? 1 : (file.rescale_factor ?? defaults.rescale)
  const offset = (file.offset ?? defaults.offset) ? 1 : 0
  const normalises = file.do_normalize !== false
  const mean = normalises ? (file.image_mean ?? defaults.mean) : [0, 0, 0]
  const deviation = normalises ? (file.image_std ?? defaults.deviation) : [1, 1, 1]
  return {
    mean: mean.map((value) => (value + offset) / factor) as PerChannel,
    deviation: deviation.map((value) => value / factor) as PerChannel,
  }
}
