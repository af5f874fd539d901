/** Karpathy's splits of COCO, Flickr8k and Flickr30k: pictures with their split and their sentences. */
import type { CaptionDocument, CaptionEntry, CaptionFormat } from './format.ts'
import { captionFacts, entriesOf, wordOf } from './records.ts'
import { isObject, objectsOf } from './values.ts'

export const karpathy: CaptionFormat = {
  name: 'karpathy',
  title: 'Karpathy’s splits (dataset_*.json)',
  accepts: "Karpathy's dataset_*.json",
  follows: 'dataset_coco.json, dataset_flickr8k.json and prepro_labels.py of ImageCaptioning.pytorch',
  extensions: [],
  counts: 'image',
  structure: 'json',
  recognises: ({ json }) => {
    const first = isObject(json) ? objectsOf(json['images'])?.[0] : undefined
    return first !== undefined && objectsOf(first['sentences']) !== null && 'filename' in first
  },
  parse,
}

function parse({ file, json }: CaptionDocument): CaptionEntry[] {
  return (objectsOf((json as Record<string, unknown>)['images']) ?? []).flatMap((image, place) => {
    const [folder, name] = [wordOf(image['filepath']), wordOf(image['filename'])]
    const clip = folder === undefined || name === undefined ? name : `${folder}/${name}`
    const id = wordOf(image['cocoid'])
    const at = { file, counts: karpathy.counts, line: place + 1 }
    const sentences = objectsOf(image['sentences']) ?? []
    // Without sentences, what is said of that is said of the image.
    return (sentences.length === 0 ? [image['sentences']] : sentences)
      .flatMap((sentence) =>
        entriesOf(
          {
            clip,
            caption: sentence,
            split: image['split'],
            ...(isObject(sentence) ? captionFacts(sentence) : {}),
          },
          at,
        ),
      )
      .map((entry) => (id === undefined ? entry : { ...entry, id }))
  })
}
