import type { Catalogue } from '../messages.ts'

export const steps: Catalogue['steps'] = {
  importClips: '导入片段',
  done: '完成',
  goingOn: '进行中',
  toDo: '待做',
  about: '约 {seconds}',
}
