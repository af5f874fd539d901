/**
 * A small file of each format, written after the public file, loader or specification that the format names,
 * and in what each of them is said to hold: `[clip, caption]`, and other facts where the format has them.
 */
export interface Example {
  format: string
  file: string
  text: string
  /** Clip, caption, and what else the file says of it. */
  entries: [clip: string, caption: string, facts?: Record<string, unknown>][]
}

const lines = (...texts: string[]): string => texts.map((text) => `${text}\n`).join('')

export const EXAMPLES: readonly Example[] = [
  {
    format: 'tsv',
    file: 'sents_train_lc_nopunc.txt',
    text: lines(
      'vid1\ta squirrel is eating a peanut in it s shell',
      'vid1\ta chipmunk is eating',
      'vid2\ta man says hi',
    ),
    entries: [
      ['vid1', 'a squirrel is eating a peanut in it s shell'],
      ['vid1', 'a chipmunk is eating'],
      ['vid2', 'a man says hi'],
    ],
  },
  {
    format: 'tsv',
    file: 'captions.tsv',
    text: lines('split\tvideo_id\tcaption', 'train\t0\tone, two', 'test\t1\tshe says "no"'),
    entries: [
      ['0', 'one, two', { split: 'train' }],
      ['1', 'she says "no"', { split: 'test' }],
    ],
  },
  {
    format: 'csv',
    file: 'captions.txt',
    text: lines(
      'image,caption',
      '1000268201_693b08cb0e.jpg,"A child , in pink , climbs ."',
      'b.jpg,"A ""dog"" runs ."',
    ),
    entries: [
      ['1000268201_693b08cb0e.jpg', 'A child , in pink , climbs .'],
      ['b.jpg', 'A "dog" runs .'],
    ],
  },
  {
    format: 'csv',
    file: 'results.csv',
    text: lines(
      'image_name| comment_number| comment',
      '1000092795.jpg| 0| Two young guys , one "shaggy" , look at hands .',
    ),
    entries: [['1000092795.jpg', 'Two young guys , one "shaggy" , look at hands .']],
  },
  {
    format: 'csv',
    file: 'webvid.csv',
    text: lines(
      'videoid,contentUrl,duration,page_dir,name',
      '21179416,https://example.org/a.mp4,PT00H00M11S,006001_006050,A lake in the evening',
    ),
    entries: [['21179416', 'A lake in the evening']],
  },
  {
    format: 'flickr',
    file: 'Flickr8k.token.txt',
    text: lines(
      '10_6.jpg#0\tA child in a pink dress .',
      '10_6.jpg#1\tA girl goes in .',
      'b#2.jpg#4\tA dog .',
    ),
    entries: [
      ['10_6.jpg', 'A child in a pink dress .'],
      ['10_6.jpg', 'A girl goes in .'],
      ['b#2.jpg', 'A dog .'],
    ],
  },
  {
    format: 'msvd',
    file: 'video_corpus.csv',
    text: lines(
      'VideoID,Start,End,WorkerID,Source,AnnotationTime,Language,Description',
      'mv89psg6zh4,33,46,588702,unverified,55,Slovene,Papagaj se umiva pod tekočo vodo v lijaku.',
      'mv89psg6zh4,33,46,362812,clean,38,English,"A bird, in a sink."',
      'mv89psg6zh4,33,46,968828,unverified,18,English,',
    ),
    entries: [
      [
        'mv89psg6zh4_33_46',
        'Papagaj se umiva pod tekočo vodo v lijaku.',
        { author: '588702', source: 'unverified', language: 'sl', video: 'mv89psg6zh4' },
      ],
      [
        'mv89psg6zh4_33_46',
        'A bird, in a sink.',
        { author: '362812', source: 'clean', language: 'en', video: 'mv89psg6zh4' },
      ],
    ],
  },
  {
    format: 'json',
    file: 'references.json',
    text: JSON.stringify({ v1: ['a man rides', 'a person rides'], v2: 'a cat' }, null, 1),
    entries: [
      ['v1', 'a man rides'],
      ['v1', 'a person rides'],
      ['v2', 'a cat'],
    ],
  },
  {
    format: 'json',
    file: 'gts.json',
    text: JSON.stringify({ 391895: [{ caption: 'a man on a bike', id: 3 }], 4: [{ caption: 'x' }] }),
    entries: [
      ['4', 'x'],
      ['391895', 'a man on a bike'],
    ],
  },
  {
    format: 'json',
    file: 'caption.json',
    text: JSON.stringify({
      video0: { captions: ['a car', 'a van'], final_captions: [['<sos>', 'a', '<eos>']] },
    }),
    entries: [
      ['video0', 'a car'],
      ['video0', 'a van'],
    ],
  },
  {
    format: 'json-list',
    file: 'coco_raw.json',
    text: JSON.stringify([
      { captions: ['A man on a moped', 'A moped'], file_path: 'val2014/a.jpg', id: 391895 },
    ]),
    entries: [
      ['val2014/a.jpg', 'A man on a moped'],
      ['val2014/a.jpg', 'A moped'],
    ],
  },
  {
    format: 'jsonl',
    file: 'captions.jsonl',
    text: lines(
      '{"id": 7, "video": "a", "caption": "one"}',
      '{"id": 8, "video": "b", "captions": ["two", "three"]}',
    ),
    entries: [
      ['a', 'one'],
      ['b', 'two'],
      ['b', 'three'],
    ],
  },
  {
    format: 'huggingface',
    file: 'metadata.csv',
    text: lines('file_name,text', '0001.mp4,"This is a golden retriever, playing"', 'dogs/2.mp4,A shepherd'),
    entries: [
      ['0001.mp4', 'This is a golden retriever, playing'],
      ['dogs/2.mp4', 'A shepherd'],
    ],
  },
  {
    format: 'huggingface',
    file: 'metadata.jsonl',
    text: lines('{"file_name": "0001.mp4", "text": "A dog"}', '{"file_name": "0002.mp4", "text": "A cat"}'),
    entries: [
      ['0001.mp4', 'A dog'],
      ['0002.mp4', 'A cat'],
    ],
  },
  {
    format: 'coco',
    file: 'captions_val2014.json',
    text: JSON.stringify({
      info: { year: 2014 },
      images: [
        { license: 3, file_name: 'COCO_val2014_000000391895.jpg', height: 360, width: 640, id: 391895 },
      ],
      licenses: [],
      annotations: [{ image_id: 391895, id: 770337, caption: 'A man with a red helmet. ' }],
    }),
    entries: [['COCO_val2014_000000391895.jpg', 'A man with a red helmet.', { id: '391895' }]],
  },
  {
    format: 'coco',
    file: 'captions_val2014_fakecap_results.json',
    text: JSON.stringify([{ image_id: 404464, caption: 'black and white photo of a man' }]),
    entries: [['404464', 'black and white photo of a man']],
  },
  {
    format: 'karpathy',
    file: 'dataset_coco.json',
    text: JSON.stringify({
      images: [
        {
          filepath: 'val2014',
          sentids: [770337],
          filename: 'COCO_val2014_000000391895.jpg',
          imgid: 0,
          split: 'restval',
          sentences: [{ tokens: ['a', 'man'], raw: 'A man. ', imgid: 0, sentid: 770337 }],
          cocoid: 391895,
        },
      ],
      dataset: 'coco',
    }),
    entries: [['val2014/COCO_val2014_000000391895.jpg', 'A man.', { split: 'restval', id: '391895' }]],
  },
  {
    format: 'karpathy',
    file: 'dataset_flickr8k.json',
    text: JSON.stringify({
      images: [
        {
          sentids: [0, 1],
          imgid: 0,
          sentences: [
            { tokens: ['a', 'black', 'dog'], raw: 'A black dog .', imgid: 0, sentid: 0 },
            { tokens: ['black', 'dog'], raw: 'Black dog', imgid: 0, sentid: 1 },
          ],
          split: 'train',
          filename: '2513260012_03d33305cf.jpg',
        },
      ],
      dataset: 'flickr8k',
    }),
    entries: [
      ['2513260012_03d33305cf.jpg', 'A black dog .', { split: 'train' }],
      ['2513260012_03d33305cf.jpg', 'Black dog', { split: 'train' }],
    ],
  },
  {
    format: 'msrvtt',
    file: 'train_val_videodatainfo.json',
    text: JSON.stringify({
      info: { contributor: 'Microsoft MSM group', year: '2016' },
      videos: [
        {
          category: 9,
          url: 'https://www.youtube.com/watch?v=9lZi22qLlEo',
          video_id: 'video0',
          'start time': 137.72,
          'end time': 149.44,
          split: 'train',
          id: 0,
        },
        {
          category: 16,
          url: 'https://www.youtube.com/watch?v=w',
          video_id: 'video1',
          split: 'validate',
          id: 1,
        },
      ],
      sentences: [
        { caption: 'a car is shown', video_id: 'video0', sen_id: 0 },
        { caption: 'a family is having coversation', video_id: 'video1', sen_id: 1 },
      ],
    }),
    // The times are those of the source: they are no part of the clip.
    entries: [
      [
        'video0',
        'a car is shown',
        { split: 'train', category: '9', video: 'https://www.youtube.com/watch?v=9lZi22qLlEo' },
      ],
      [
        'video1',
        'a family is having coversation',
        { split: 'validate', category: '16', video: 'https://www.youtube.com/watch?v=w' },
      ],
    ],
  },
  {
    format: 'vatex',
    file: 'vatex_training_v1.0.json',
    text: JSON.stringify([
      {
        videoID: 'Ptf_2VRj-V0_000122_000132',
        enCap: ['A man climbs.', 'A climber.'],
        chCap: ['一个人在爬墙'],
      },
    ]),
    entries: [
      ['Ptf_2VRj-V0_000122_000132', 'A man climbs.', { language: 'en', video: 'Ptf_2VRj-V0' }],
      ['Ptf_2VRj-V0_000122_000132', 'A climber.', { language: 'en', video: 'Ptf_2VRj-V0' }],
      ['Ptf_2VRj-V0_000122_000132', '一个人在爬墙', { language: 'zh', video: 'Ptf_2VRj-V0' }],
    ],
  },
  {
    format: 'activitynet',
    file: 'val_1.json',
    text: JSON.stringify({
      v_uqiMw7tQ1Cc: {
        duration: 55.15,
        timestamps: [
          [0.28, 55.15],
          [13.79, 54.32],
        ],
        sentences: ['A kite.', ' It flies.'],
      },
    }),
    entries: [
      ['v_uqiMw7tQ1Cc', 'A kite.', { start: 0.28, end: 55.15 }],
      ['v_uqiMw7tQ1Cc', 'It flies.', { start: 13.79, end: 54.32 }],
    ],
  },
  {
    format: 'activitynet',
    file: 'sample_submission.json',
    text: JSON.stringify({
      version: 'VERSION 1.0',
      results: { v_5n7NCViB5TU: [{ sentence: 'One player moves.', timestamp: [1.23, 4.53] }] },
      external_data: { used: true },
    }),
    entries: [['v_5n7NCViB5TU', 'One player moves.', { start: 1.23, end: 4.53 }]],
  },
  {
    format: 'label-studio',
    file: 'project-1-at-2024.json',
    text: JSON.stringify([
      {
        id: 1,
        data: { video: '/data/upload/1/0a1b2c3d-v1.mp4' },
        annotations: [
          {
            id: 1001,
            completed_by: 10,
            was_cancelled: false,
            result: [
              { from_name: 'caption', to_name: 'video', type: 'textarea', value: { text: ['A man rides'] } },
              { from_name: 'kind', to_name: 'video', type: 'choices', value: { choices: ['sport'] } },
            ],
          },
          {
            id: 1002,
            completed_by: 11,
            was_cancelled: true,
            result: [{ type: 'textarea', value: { text: ['skipped'] } }],
          },
        ],
        predictions: [],
      },
    ]),
    entries: [['/data/upload/1/0a1b2c3d-v1.mp4', 'A man rides', { author: '10' }]],
  },
  {
    format: 'label-studio',
    file: 'project-1-min.json',
    text: JSON.stringify([
      {
        video: '/data/local-files/?d=clips/v1.mp4',
        id: 1,
        caption: ['A man', 'A rider'],
        annotator: 10,
        annotation_id: 5,
      },
    ]),
    entries: [
      ['clips/v1.mp4', 'A man', { author: '10' }],
      ['clips/v1.mp4', 'A rider', { author: '10' }],
    ],
  },
  {
    format: 'fiftyone',
    file: 'samples.json',
    text: JSON.stringify({
      samples: [
        {
          _id: { $oid: '65f0c1d2e3f4a5b6c7d8e9f0' },
          filepath: 'data/v1.mp4',
          tags: ['seen', 'validation'],
          _media_type: 'video',
          metadata: { _cls: 'VideoMetadata', frame_rate: 25.0 },
          ground_truth: { _cls: 'Classification', label: 'riding' },
          caption: { _cls: 'Classification', tags: [], label: 'A man rides', author: 'Ann' },
        },
        { filepath: '/clips/v2.mp4', tags: [], ground_truth: { _cls: 'Classification', label: 'riding' } },
        { filepath: '/clips/v3.mp4', tags: [], captions: ['A dog', 'It runs'] },
      ],
    }),
    entries: [
      ['data/v1.mp4', 'A man rides', { author: 'Ann', split: 'validation' }],
      ['/clips/v3.mp4', 'A dog', {}],
      ['/clips/v3.mp4', 'It runs', {}],
    ],
  },
  {
    format: 'cvat',
    file: 'annotations.xml',
    text: lines(
      '<?xml version="1.0" encoding="utf-8"?>',
      '<annotations>',
      '  <version>1.1</version>',
      '  <meta><task><name>clips</name><labels><label><name>described</name></label></labels></task></meta>',
      '  <image id="0" name="v1.jpg" subset="Train" width="96" height="64">',
      '    <tag label="described" source="manual">',
      '      <attribute name="caption">A man &amp; a dog</attribute>',
      '      <attribute name="mood">calm</attribute>',
      '    </tag>',
      '  </image>',
      '</annotations>',
    ),
    entries: [['v1.jpg', 'A man & a dog', { split: 'Train' }]],
  },
  {
    format: 'webvtt',
    file: 'v1.en.vtt',
    text: lines(
      'WEBVTT - made by hand',
      '',
      'NOTE',
      'not a cue --> at all',
      '',
      'STYLE',
      '::cue { color: red }',
      '',
      'first',
      '00:00.000 --> 00:02.500 align:start',
      '<v Ann>A man &amp; a <i>dog</i>',
      'ride by',
      '',
      '00:00:02.500 --> 01:00:04.000',
      'It rains',
    ),
    entries: [
      ['v1', 'A man & a dog ride by', { start: 0, end: 2.5, language: 'en' }],
      ['v1', 'It rains', { start: 2.5, end: 3604, language: 'en' }],
    ],
  },
  {
    format: 'srt',
    file: 'v1.srt',
    text: lines(
      '1',
      '00:00:00,000 --> 00:00:02,500',
      '<i>A man</i>',
      'rides',
      '',
      '2',
      '00:00:03,0 --> 00:00:04,0',
      'It rains',
      '',
      'on and on',
    ),
    entries: [
      ['v1', 'A man rides', { start: 0, end: 2.5 }],
      ['v1', 'It rains on and on', { start: 3, end: 4 }],
    ],
  },
]
