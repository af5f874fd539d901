import type { FailureTexts } from '../../failure-texts.ts'

/** Failures that the window itself has. */
export const window: FailureTexts = {
  connectionLost: {
    message: '与 Vitrine 的连接已断开。',
    remedy: '它会自动重新连接；若没有，请重新启动 Vitrine。',
  },
}
/** What a call was refused for: the contract says where. */
export const input: FailureTexts = {
  refused: { message: '{message}', remedy: '请更改后重试。' },
}
