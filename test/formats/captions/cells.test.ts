/** What only looks readable is read for what it is, or refused with its place. */
import { expect, test } from 'vitest'
import { parseCaptionText } from '../../../src-main/formats/captions/index.ts'
import { refusal } from '../../refusal.ts'

const captions = (text: string, file = 'c.tsv'): string[] =>
  parseCaptionText(text, file).entries.map(({ caption }) => caption)

test.each([
  ['v1\t[{"caption": "a man"}, {"caption": "a rider"}]\n', ['a man', 'a rider']],
  ['v1\t["a man", "a \\"rider\\""]\n', ['a man', 'a "rider"']],
  [`v1\t['a man', "it's him", 'a \\'b\\'', u'caf\\xe9',]\n`, ['a man', "it's him", "a 'b'", 'café']],
  ["v1\t('a man', 'a rider')\n", ['a man', 'a rider']],
  ['v1\t{"caption": "a man"}\n', ['a man']],
  // Brackets in a sentence are part of it.
  ['v1\t[music] a man sings\n', ['[music] a man sings']],
  ['v1\t(a man) rides\n', ['(a man) rides']],
  ['v1\ta man [unclear]\n', ['a man [unclear]']],
  ['v1\t"quoted" words\n', ['"quoted" words']],
])('%j is %j', (text, expected) => {
  expect(captions(text)).toEqual(expected)
})

test.each([
  ['v1\ta man\nv2\t[12, 7, 3]\n', 'c.tsv line 2: the caption of v2 is no sentence but code ([12, 7, 3]).'],
  [
    "v1\ta\nv2\t['a man' 'a rider']\n",
    "c.tsv line 2: the caption of v2 is no sentence but code (['a man' 'a rider']).",
  ],
  ['v1\t["a man", "a\n', 'c.tsv line 1: the caption of v1 is no sentence but code (["a man", "a).'],
  ['v1\t{"start": 3}\n', 'c.tsv line 1: the caption of v1 is no sentence but code ({"start": 3}).'],
  ['v1\t[a man, a rider]\n', 'c.tsv line 1: the caption of v1 is no sentence but code ([a man, a rider]).'],
  ['v1\tnan\n', 'c.tsv line 1: the caption of v1 is empty.'],
  [
    '0\tv1\ta man\n1\tv1\ta rider\n',
    'c.tsv line 1: there are 3 columns, and no header says which hold clip and caption.',
  ],
])('%j is refused', (text, message) => {
  expect(refusal(() => captions(text))).toBe(message)
})

test('a tab too many goes on with a caption that ends its row, and shifts no other cell', () => {
  expect(captions('id\tcaption\nv1\ta man\trides\n')).toEqual(['a man rides'])
  expect(captions('id\tcaption\tsplit\nv1\ta man\ttrain\t\n')).toEqual(['a man'])
  expect(refusal(() => captions('id\tcaption\tsplit\nv1\ta man\trides\ttrain\n'))).toBe(
    'c.tsv line 2: the row has 4 cells, and the first line 3.',
  )
})

test.each([
  ['v1.srt', '1\n00:00:00,000 --> 00:00:02,000\na man\n2\n00:00:02,000 --> 00:00:04,000\na cat\n'],
  ['v1.vtt', 'WEBVTT\n00:00.000 --> 00:02.000\na man\n00:02.000 --> 00:04.000\na cat\n'],
])('a cue begins with its times, also where no blank line divides it from another: %s', (file, text) => {
  expect(captions(text, file)).toEqual(['a man', 'a cat'])
})

test('a number is part of a name that has a space before it', () => {
  const clips = (text: string) => parseCaptionText(text, 'c').entries.map(({ clip }) => clip)
  expect(clips('take #1\ta man\ntake #2\ta cat\n')).toEqual(['take #1', 'take #2'])
  const tasks = [1, 2].map((id) => ({
    video: `take #${id}.mp4`,
    caption: 'a',
    annotation_id: id,
    annotator: 1,
  }))
  expect(clips(JSON.stringify(tasks))).toEqual(['take #1.mp4', 'take #2.mp4'])
})

test('an attribute of CVAT may be CDATA', () => {
  const image =
    '<image name="a.jpg"><tag><attribute name="caption"><![CDATA[a < b]]></attribute></tag></image>'
  expect(captions(`<?xml version="1.0"?><annotations>${image}</annotations>`, 'c.xml')).toEqual(['a < b'])
})

test.each([
  [
    '{"v1": ["a man"],\n "v2": ["b"],\n "v1": ["a rider"]}',
    'c.json line 3: v1 stands in the object for the second time.',
  ],
  [
    '{"v1": {"timestamps": [], "sentences": []},\n "v1": {"timestamps": [], "sentences": []}}',
    'c.json line 2: v1 stands in the object for the second time.',
  ],
])('captions that JSON would lose are refused: %j', (text, message) => {
  expect(refusal(() => captions(text, 'c.json'))).toBe(message)
})

test('a number of the row is no clip where there is another name', () => {
  const clips = (text: string, file: string) => parseCaptionText(text, file).entries.map(({ clip }) => clip)
  expect(clips('id,video_id,caption\n0,1,a man\n1,1,a person\n', 'c.csv')).toEqual(['1', '1'])
  expect(clips('id,source_video,caption\n0,v7,a man\n', 'c.csv')).toEqual(['v7'])
  expect(clips(',name,sentence\n0,v1,a man\n', 'c.csv')).toEqual(['v1'])
  expect(clips('{"VideoID": "v1", "Caption": "a"}\n', 'c.jsonl')).toEqual(['v1'])
  expect(clips('[{"id": 0, "file_name": "v1.mp4", "caption": "a"}]', 'c.json')).toEqual(['v1.mp4'])
})

test('times of a part are found under the names that they have', () => {
  const part = (text: string, file: string) =>
    parseCaptionText(text, file).entries.map(({ start, end }) => [start, end])
  expect(part('{"video": "v", "segment": [1, 2.5], "caption": "a"}\n', 'c.jsonl')).toEqual([[1, 2.5]])
  expect(part('Video ID,Start Time,End Time,Caption\nv,0:10,1:00:00,a\n', 'c.csv')).toEqual([[10, 3600]])
  expect(part('video,start,caption\nv,4,a\n', 'c.csv')).toEqual([[4, 4]])
})

test('columns are chosen by name, and by number where there is no header', () => {
  const read = (text: string, columns: object) =>
    parseCaptionText(text, 'c.txt', { columns }).entries.map(({ clip, caption }) => [clip, caption])
  expect(read('sen\twhat\twho\n7\ta man\tv1\n', { clip: 'who', caption: 'What' })).toEqual([['v1', 'a man']])
  expect(read('0\tv1\ta man\n1\tv2\ta cat\n', { clip: '2', caption: '3' })).toEqual([
    ['v1', 'a man'],
    ['v2', 'a cat'],
  ])
  expect(
    read('{"who": "v1", "what": "a man"}\n{"who": "v1", "what": "a cat"}\n', {
      clip: 'who',
      caption: 'what',
    }),
  ).toEqual([
    ['v1', 'a man'],
    ['v1', 'a cat'],
  ])
  expect(refusal(() => read('a\tb\n1\t2\n', { clip: 'who', caption: 'b' }))).toBe(
    'c.txt line 1: there is no column who.',
  )
})

test.each([
  ['{"v1": "a",\n "v2": x}', 'c.json line 2: the JSON is broken here.'],
  ['{"video_1": 3, "list": [1]}', 'c.json is JSON of no known kind.'],
  [
    '[{"image_id": 1, "caption": "a"}, {"image_id": 2}]',
    'c.json annotation 2: 2 has no caption, or one that is no text.',
  ],
  [
    '{"sentences": [{"video_id": "v", "caption": "a"}, {"caption": "b"}]}',
    'c.json sentence 2: the clip has no name.',
  ],
  [
    '{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"image_id": 3, "caption": "x"}]}',
    'c.json annotation 1: there is no image 3 among the images.',
  ],
  [
    '{"v": {"timestamps": [[0, 1]], "sentences": ["a", "b"]}}',
    'c.json video 1: v has 2 sentences and 1 time.',
  ],
  [
    '{"v": {"timestamps": [[0]], "sentences": ["a"]}}',
    'c.json video 1: time 1 of v is no start and end in seconds.',
  ],
  ['video,start,end,caption\nv,5,3,a\n', 'c.json line 2: the part of v begins at 5 s and ends at 3 s.'],
  ['video,start,end,caption\nv,now,3,a\n', 'c.json line 2: now is no time.'],
  [
    '<?xml version="1.0"?>\n<annotations>\n<image name="a"><tag></image>\n</annotations>',
    'c.json line 3: the XML is broken here.',
  ],
  [
    'WEBVTT\n\n00:01.000 --> 00:02.000\na\n\nno times here\n',
    'c.json line 6: a cue begins with its times (00:00.000 --> 00:02.500).',
  ],
  ['a.jpg#0\tone\na.jpg\ttwo\n', 'c.json line 2: "a.jpg	two" is not name#number<TAB>caption.'],
])('%j: %s', (text, message) => {
  expect(refusal(() => captions(text, 'c.json'))).toBe(message)
})
