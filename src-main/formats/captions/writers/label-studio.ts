/**
 * Label Studio's tasks with the captions as annotations of a text area, one of each author, and the labelling interface that
 * they are shown in.
 */
import { grouped } from '../../../common/grouped.ts'
import type { CaptionWriter, WrittenCaption, WrittenClip } from './written.ts'
import { factsOf, jsonList, TIME } from './written.ts'

const INTERFACE = `<View>
  <Video name="video" value="$video"/>
  <TextArea name="caption" toName="video" editable="true" maxSubmissions="0" placeholder="What happens in the clip"/>
</View>
`

export const labelStudioWriter: CaptionWriter = {
  format: 'label-studio',
  loses: TIME,
  files: (clips) => [
    { name: 'tasks.json', pieces: jsonList('[', tasks(clips()), ']\n') },
    { name: 'labeling-interface.xml', pieces: [INTERFACE] },
  ],
}

function* tasks(clips: Iterable<WrittenClip>): Generator<object> {
  for (const { id, name, file, split, captions } of clips) {
    const byAuthor = grouped(
      captions,
      ({ author }) => author,
      (caption) => caption,
    )
    yield {
      id,
      // A folder that is served by Label Studio itself: its root is that of the clips.
      data: { video: `/data/local-files/?d=${encodeURI(file)}`, clip_name: name, split },
      annotations: [...byAuthor.values()].map((those) => ({ result: those.map(resultOf) })),
    }
  }
}

const resultOf = (caption: WrittenCaption): object => ({
  id: `caption-${caption.id}`,
  from_name: 'caption',
  to_name: 'video',
  type: 'textarea',
  value: { text: [caption.text] },
  // Label Studio keeps what stands here with the result.
  meta: factsOf(caption),
})
