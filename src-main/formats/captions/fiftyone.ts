/**
 * FiftyOne's datasets on a disk: `samples.json`, an object a sample, with its file, its tags, and fields of which some hold
 * captions: a text, a list of texts, a `Classification`, whose label it is, or `Classifications`.
 */
import { valueOf } from './columns.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat } from './format.ts'
import { captionFacts, entriesOf, wordOf } from './records.ts'
import { isObject, objectsOf } from './values.ts'

export const fiftyone: CaptionFormat = {
  name: 'fiftyone',
  title: 'FiftyOne dataset (samples.json)',
  accepts: "FiftyOne's samples.json with a field of captions",
  follows: 'FiftyOneDatasetImporter and LegacyFiftyOneDatasetImporter of voxel51/fiftyone',
  extensions: [],
  counts: 'sample',
  structure: 'json',
  recognises: ({ json }) => typeof samplesOf(json)?.[0]?.['filepath'] === 'string',
  parse,
}

const samplesOf = (json: unknown): Record<string, unknown>[] | null =>
  isObject(json) ? objectsOf(json['samples']) : null

/** What the datasets of its zoo call their splits, among other tags. */
const SPLIT_TAG = /^(?:train|training|val|validate|validation|test|testing)$/i

function parse({ file, json }: CaptionDocument): CaptionEntry[] {
  return (samplesOf(json) ?? []).flatMap((sample, place) => {
    const clip = wordOf(sample['clip_name']) ?? sample['filepath']
    const at = { file, counts: fiftyone.counts, line: place + 1 }
    return labelsOf(valueOf(sample, 'caption', {})).flatMap((label) =>
      entriesOf({ clip, split: splitOf(sample['tags']), ...label }, at),
    )
  })
}

const splitOf = (tags: unknown): unknown =>
  Array.isArray(tags) ? tags.find((tag) => typeof tag === 'string' && SPLIT_TAG.test(tag)) : undefined

/** The captions of a field, each with what is known of it. */
function labelsOf(field: unknown): { caption: unknown }[] {
  if (isObject(field)) {
    return field['_cls'] === 'Classifications'
      ? (objectsOf(field['classifications']) ?? []).flatMap(labelsOf)
      : [{ caption: field['label'], ...captionFacts(field) }]
  }
  return field === undefined ? [] : [{ caption: field }]
}
