/**
 * COCO captions: `images` with their file names and `annotations` of them by id; or the list of results, which
 * has the ids alone.
 */
import { defineFailures } from '../../common/failures.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat } from './format.ts'
import { captionFacts, entriesOf, wordOf } from './records.ts'
import { isObject, objectsOf } from './values.ts'

const failures = defineFailures('captions.coco', {
  imageUnknown: {
    code: 'BAD_INPUT',
    message: '{file} annotation {annotation}: there is no image {image} among the images.',
  },
})

export const coco: CaptionFormat = {
  name: 'coco',
  title: 'COCO captions and results',
  accepts: "COCO's captions and results",
  follows: 'captions_val2014.json and the results format of cocoapi and coco-caption (pycocoevalcap)',
  extensions: [],
  counts: 'annotation',
  structure: 'json',
  recognises: ({ json }) => isAnnotation(objectsOf(annotationsOf(json))?.[0]),
  parse,
}

const annotationsOf = (json: unknown): unknown => (isObject(json) ? json['annotations'] : json)

const isAnnotation = (value: unknown): boolean => isObject(value) && 'image_id' in value && 'caption' in value

function parse({ file, json }: CaptionDocument): CaptionEntry[] {
  const listed = isObject(json) ? objectsOf(json['images']) : null
  const images = namesOf(listed)
  const splits = new Map(listed?.map((image) => [wordOf(image['id']), image['split']]))
  return (objectsOf(annotationsOf(json)) ?? []).flatMap((annotation, place) => {
    const id = wordOf(annotation['image_id'])
    const name = images === null || id === undefined ? id : images.get(id)
    if (id !== undefined && name === undefined) {
      throw failures.imageUnknown({ file, annotation: place + 1, image: id })
    }
    return entriesOf(
      {
        clip: name,
        caption: annotation['caption'] ?? null,
        score: annotation['score'],
        split: splits.get(id),
        ...captionFacts(annotation),
      },
      {
        file,
        counts: coco.counts,
        line: place + 1,
      },
    ).map((entry) => (id === undefined || id === name ? entry : { ...entry, id }))
  })
}

/** The name of each image by its id; null: the file lists no images. */
function namesOf(images: Record<string, unknown>[] | null): Map<string, string> | null {
  if (images === null || images.length === 0) {
    return null
  }
  return new Map(
    images.flatMap((image): [string, string][] => {
      const id = wordOf(image['id'])
      return id === undefined ? [] : [[id, wordOf(image['file_name']) ?? id]]
    }),
  )
}
