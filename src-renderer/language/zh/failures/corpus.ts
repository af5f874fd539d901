import type { FailureTexts } from '../../failure-texts.ts'

const CHOOSE_FOLDER = '请选择存放视频的文件夹。'
const COMPUTE_FEATURES = '请计算特征：只会重新计算缺失或损坏的部分。'
const IMPORT_VIDEOS = '请先导入视频文件夹。'
const PATH_IN_FOLDER = '请写出它在视频文件夹中的路径。'

export const corpus: FailureTexts = {
  // Splits.
  notASplit: {
    message: '{file} 第 {line} 行：“{text}”不是 id<TAB>划分。',
    remedy: '划分为 train、val（或 validate、validation、dev）或 test。',
  },
  notAList: {
    message: '{file} 第 {line} 行：“{text}”不是列表中的片段名。',
    remedy: '请在以划分命名的文件中每行写一个片段。',
  },
  inTwoSplits: {
    message: '{file} 第 {line} 行：{clip} 在此属于{split:split}，在前面属于{earlier:split}。',
  },
  noSplitsInFile: {
    message: '{file} 中没有划分。',
    remedy: '请每行写 id<TAB>划分，或使用名为 train、val 和 test 的片段列表文件。',
  },
  notShares: {
    message: '划分比例 {shares} 不是三个比例。',
    remedy: '请给出训练、验证和测试的比例，例如 0.6,0.1,0.3。',
  },
  clipsWithoutSplit: {
    message: '{file} 没有给出 {clips} 个片段的划分：{names}。',
    remedy: '请将它们加入划分文件，或给出比例，例如 0.6,0.1,0.3。',
  },

  // Files of features.
  featureFilesGone: { message: '{gone} 个特征文件已丢失：{files}。', remedy: COMPUTE_FEATURES },
  featureFilesAltered: {
    message: '{altered} 个特征文件与写入时不同：{files}。',
    remedy: COMPUTE_FEATURES,
  },
  featureFilesDamaged: {
    message: '{gone} 个特征文件已丢失，{altered} 个与写入时不同：{files}。',
    remedy: COMPUTE_FEATURES,
  },
  noCells: {
    message: '编码器 {encoder} 不输出帧的特征图，因此没有单元格。',
    remedy: '请选择 1 个单元格，或换一个编码器。',
  },
  cellsDiffer: {
    message: '{titles} 的帧单元格划分不同，无法合并。',
    remedy: '请将其中之一按另一个的单元格重新计算，或按 1 个单元格计算。',
  },
  gridUnknown: {
    message: '编码器 {encoder} 没有网格 {grid}：它只给出整幅图像的一个向量。',
    remedy: '请选择网格 1。',
  },
  importedFilesDamaged: {
    message: '{damaged} 个导入的特征文件已丢失或与写入时不同：{files}。',
    remedy: '请用同一标题重新导入特征：只会补入缺失的部分。',
  },

  // Features from elsewhere.
  featuresWithoutClips: {
    message: '此项目没有可与 {path} 中的特征对应的片段。',
    remedy: '请先导入描述或视频文件夹。',
  },
  featuresOfOtherClips: {
    message: '{path} 中没有与此项目片段同名的内容：其中是 {inFiles}，项目中是 {inProject}。',
    remedy: '文件或数组必须与片段或其视频文件同名。',
  },
  featuresAmbiguous: { message: '{file}：{name} 可能指多个片段。', remedy: PATH_IN_FOLDER },
  featuresTwice: {
    message: '{clip} 有两份特征：{first} 和 {second}。',
    remedy: '请只保留其一；若每个片段有多个数组，请指定要用的数组 (--array)。',
  },
  featuresOfOtherSize: {
    message: '{path} 每帧有 {size} 个值，而名为 {title} 的特征有 {known} 个。',
    remedy: '请用另一个标题导入。',
  },
  featureTitleTaken: {
    message: '名为 {title} 的特征不是导入的：无法向其添加内容。',
    remedy: '请用另一个标题导入。',
  },
  featuresJoinedTwice: { message: '{title} 的特征会与自身合并。', remedy: '每个特征集请只选一次。' },
  noClipHasAllFeatures: {
    message: '没有片段同时具有 {titles} 的特征。',
    remedy: '请为相同的片段计算或导入这些特征。',
  },

  // Imports.
  folderMissing: { message: '文件夹 {folder} 不存在。', remedy: CHOOSE_FOLDER },
  notAFolder: { message: '{folder} 是文件，不是视频文件夹。', remedy: CHOOSE_FOLDER },
  noVideosInFolder: {
    message: '文件夹 {folder} 中没有视频或图片。',
    remedy: 'Vitrine 查找的类型是 {extensions}。',
  },
  clipAmbiguous: { message: '{file} {place:place}：{clip} 可能指多个视频。', remedy: PATH_IN_FOLDER },
  captionsOfOtherClips: {
    message: '{file} 中没有 {folder} 中视频的描述：文件提到 {inFile}，文件夹中是 {inFolder}。',
    remedy: '第一列必须是视频的文件名，可带或不带扩展名。',
  },
  captionsOfUnknownClips: {
    message: '{file} 中没有此项目片段的描述：文件提到 {inFile}，项目中是 {inProject}。',
    remedy: '第一列必须是片段名或其视频的文件名。',
  },
  archiveUnfit: {
    message: '{file} 中没有可在此打开的项目。',
    remedy: '请使用由此版本或更早版本的 Vitrine 制作的归档。',
  },
  nothingToImport: { message: '没有可导入的内容。', remedy: '请给出视频文件夹、描述文件，或两者。' },
  importRunning: {
    message: '此项目的另一个导入正在进行。',
    remedy: '请等它完成后再导入。',
  },
  importsChanged: {
    message: '读取期间有另一个导入完成或被撤销：没有写入任何内容。',
    remedy: '请重新导入。',
  },

  // Clips and their files.
  tagUnknown: {
    message: '没有片段带标签“{tag}”。',
    remedy: '“vitrine tags PROJECT”会列出现有的标签。',
  },
  clipUnknown: {
    message: '此项目没有名为 {clip} 的片段。',
    remedy: '请使用语料列表中的名称或 id。',
  },
  captionUnknown: {
    message: '此项目没有描述 {captionId}，或它已被移除。',
    remedy: '请撤销那次移除，或选择另一条描述。',
  },
  captionKnown: { message: '{clip} 已有这条描述。' },
  notAPicture: { message: '{path} 不是 JPEG、PNG 或 WebP 图片。' },
  clipWithoutVideo: { message: '片段 {clip} 没有视频。' },
  clipWithoutFeatures: { message: '片段 {clip} 没有特征。', remedy: '请先计算特征。' },
  videoChanged: { message: '{path} 在导入之后有变化。', remedy: '请重新导入。' },
  videoGone: { message: '{path} 已不存在。', remedy: '请放回原处，或重新导入语料。' },
  noVideos: { message: '此项目没有带视频的片段。', remedy: IMPORT_VIDEOS },
  noFeatures: { message: '没有片段有特征。', remedy: IMPORT_VIDEOS },

  // Caption checks.
  languageUnknown: {
    message: '没有语言为 {language} 的描述；现有描述的语言是 {languages}。',
    remedy: '请选择其中之一，或全部。',
  },
  noCaptions: { message: '此项目没有描述。', remedy: '请先导入描述。' },
  captionUnchanged: {
    message: '描述已经是这样。',
    remedy: '请更改文字，或按原样接受。',
  },
  findingDecided: {
    message: '问题 {findingId} 已处理：{decision:decision}。',
    remedy: '要重新处理，请先撤销。',
  },
  findingOfClip: {
    message: '此问题涉及整个片段 {clip}，而不是某一条描述。',
    remedy: '请接受它，或为片段补充描述。',
  },
  captionGone: {
    message: '此问题所涉及的 {clip} 的描述已不存在。',
    remedy: '请接受此问题，或撤销对该描述的移除。',
  },
}
