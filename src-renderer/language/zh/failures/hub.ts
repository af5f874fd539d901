import type { FailureTexts } from '../../failure-texts.ts'

const AS_ONNX = '请手动说明其 ONNX 文件 (vitrine encoders add FILE)。'

/** Fetching a model. */
export const hub: FailureTexts = {
  endpoint: {
    message: 'HF_ENDPOINT 的值“{endpoint}”不是网址。',
    remedy: '请设为以 https:// 开头的网址，或不设。',
  },
  offline: {
    message: '已设置 HF_HUB_OFFLINE：不会向 hub 请求任何内容。',
    remedy: '请取消该设置，或指定存放模型的文件夹。',
  },
  unreachable: {
    message: '无法连接 {host}：{reason}。',
    remedy:
      '请检查网络连接。若没有网络，请从另一台机器复制模型文件夹并指定它；HF_ENDPOINT 可设置另一个 hub。',
  },
  unknownModel: {
    message: '{host} 没有模型 {model}，或不对所有人开放。',
    remedy: '请检查名称 (OWNER/NAME)。若模型不公开，请设置 HF_TOKEN。',
  },
  unknownRevision: {
    message: '{host} 的模型 {model} 没有修订版 {revision}。',
    remedy: '请指定它的分支、标签或提交。',
  },
  refused: {
    message: '{host} 不提供 {model} ({status})。',
    remedy: '请在模型页面接受其条款，并将 HF_TOKEN 设为你的令牌。',
  },
  busy: { message: '{host} 暂时不再响应请求 ({status})。', remedy: '请几分钟后重试。' },
  trouble: { message: '{host} 对 {path} 的响应是 {status}。', remedy: '请稍后重试。' },
  notAListing: {
    message: '{host} 的响应不像 Hugging Face hub：{reason}。',
    remedy: '请检查 HF_ENDPOINT。',
  },
  noNetworks: {
    message: '{model} 没有 ONNX 文件，{tried} 也没有。',
    remedy: '请将它导出为 ONNX (optimum-cli export onnx)，并添加该文件夹。',
  },
  noPrecision: {
    message: '{model} 没有精度为 {precision} 的网络；它有 {offered}。',
    remedy: '请从中选择。',
  },
  notAVisionModel: {
    message: '{model} 没有 {file}：它不是视觉模型。',
    remedy: '请选择视觉模型，例如 CLIP、SigLIP、DINOv2 或 ViT。',
  },
  broken: {
    message: '获取 {path} 时与 {host} 的连接中断，已下载 {done}，共 {size}：{reason}。',
    remedy: '请重新开始：会从断点继续。',
  },
  tooLong: { message: '{host} 发送的 {path} 超过其大小 {size}。', remedy: '请稍后重试。' },
  damaged: {
    message: '收到的 {path} 与 {host} 所说的不符（校验和不同），已丢弃。',
    remedy: '请重新开始。',
  },
}

/** A model in the layout of the hub. */
export const huggingFace: FailureTexts = {
  noConfig: {
    message: '{folder} 不是 Hugging Face hub 布局的模型：缺少 {file}。',
    remedy: '请指定含有 config.json、preprocessor_config.json 和 onnx/ 的文件夹。',
  },
  noNetwork: {
    message:
      '{folder} 中没有精度为 {precision} 的 ONNX 文件（fp32 为 onnx/vision_model.onnx 或 onnx/model.onnx）。',
    remedy: '请选择另一精度，或将模型导出为 ONNX (optimum-cli export onnx)。',
  },
  notJson: { message: '{path}:{line} 不是 JSON。' },
  notAsExpected: { message: '{path}：{field} 不符合预期 ({reason})。' },
  unknownProcessor: { message: '{path} 用 {type} 预处理图片，这里不支持。', remedy: AS_ONNX },
  noOneSize: { message: '{path} 没有将所有图片统一为同一尺寸。', remedy: AS_ONNX },
  oddCrop: {
    message: '{path} 从 {resized} 的图片中裁出 {size} 像素，这里做不到。',
    remedy: AS_ONNX,
  },
  unknownFilter: {
    message: '{path} 用滤波器 {filter} 缩放图片；支持的有 1 (Lanczos)、2（双线性）和 3（双三次）。',
    remedy: AS_ONNX,
  },
}
